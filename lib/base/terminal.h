#pragma once
// stderr, shared by the log and a progress bar: lines scroll above, the bar stays below them.

#include <string>
#include <string_view>

namespace strata {

// Is stderr a terminal that can redraw a line?
bool stderr_is_terminal();
// Columns of the terminal; 80 where it does not say.
int terminal_columns();

// Writes the line and a newline in one call, so that lines of several processes do not mix. Errors are ignored: a closed or full
// stderr must not end a run.
void write_terminal_line(std::string_view line);

// Shows this text below all lines (an empty one: nothing). Only for terminals.
void set_status_line(std::string_view text);

}  // namespace strata
