#pragma once
// What Slurm says is left of this job: needed before Slurm 23.02, which has no SLURM_JOB_END_TIME.

#include <optional>
#include <string_view>

namespace strata {

// Seconds left, asked once of `squeue -h -j $SLURM_JOB_ID -o %L` (relative, so no time zone can be misread); at most 5 s. Nothing
// outside a job, where there is no limit, or without squeue. It is looked for on PATH, but only a program that nobody but root
// and this user can write to is started: folders of a group may stand on PATH.
std::optional<double> slurm_time_left();

}  // namespace strata
