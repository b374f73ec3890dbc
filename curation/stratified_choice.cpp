#include "curation/stratified_choice.h"

#include "base/error.h"
#include "base/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace strata {

namespace {

enum Side { kChosen, kRest };

class Choice {
 public:
  Choice(const std::vector<std::vector<uint16_t>>& classes_of, size_t count, uint64_t seed)
      : classes_of_(classes_of), random_({seed, 0, 0, Purpose::kUniformSample}), assigned_(classes_of.size(), false) {
    const auto all = static_cast<double>(classes_of.size());
    const double share = all == 0 ? 0 : static_cast<double>(count) / all;
    room_ = {count, classes_of.size() - count};
    for (size_t i = 0; i < classes_of.size(); ++i) {
      for (const uint16_t c : classes_of[i]) members_[c].push_back(i);
    }
    for (auto& [c, members] : members_) {
      const auto images = static_cast<double>(members.size());
      wanted_[c] = {share * images, (1 - share) * images};
      left_[c] = members.size();
      shuffle(members);
    }
  }

  std::vector<size_t> run() {
    while (const std::vector<size_t>* members = rarest()) {
      for (const size_t sample : *members) {
        if (!assigned_[sample]) assign(sample, better_side(rarest_));
      }
    }
    std::vector<size_t> without_class;
    for (size_t i = 0; i < assigned_.size(); ++i) {
      if (!assigned_[i]) without_class.push_back(i);
    }
    shuffle(without_class);
    for (const size_t sample : without_class) assign(sample, room_[kChosen] > 0 ? kChosen : kRest);
    std::sort(chosen_.begin(), chosen_.end());
    return std::move(chosen_);
  }

 private:
  void shuffle(std::vector<size_t>& samples) {
    for (size_t i = samples.size(); i > 1; --i) std::swap(samples[i - 1], samples[random_.below(i)]);
  }

  // Samples of the class with the fewest unassigned ones; nullptr when all are assigned.
  const std::vector<size_t>* rarest() {
    size_t fewest = 0;
    for (const auto& [c, left] : left_) {
      if (left > 0 && (fewest == 0 || left < fewest)) {
        fewest = left;
        rarest_ = c;
      }
    }
    return fewest == 0 ? nullptr : &members_.at(rarest_);
  }

  Side better_side(uint16_t c) {
    if (room_[kChosen] == 0 || room_[kRest] == 0) return room_[kChosen] > 0 ? kChosen : kRest;
    const auto& wanted = wanted_.at(c);
    if (wanted[kChosen] != wanted[kRest]) return wanted[kChosen] > wanted[kRest] ? kChosen : kRest;
    if (room_[kChosen] != room_[kRest]) return room_[kChosen] > room_[kRest] ? kChosen : kRest;
    return random_.below(2) == 0 ? kChosen : kRest;
  }

  void assign(size_t sample, Side side) {
    assigned_[sample] = true;
    --room_[side];
    if (side == kChosen) chosen_.push_back(sample);
    for (const uint16_t c : classes_of_[sample]) {
      --left_.at(c);
      wanted_.at(c)[side] -= 1;
    }
  }

  const std::vector<std::vector<uint16_t>>& classes_of_;
  RandomStream random_;
  std::vector<bool> assigned_;
  std::array<size_t, 2> room_{};                      // samples that a side still takes
  std::map<uint16_t, std::vector<size_t>> members_;   // samples by class
  std::map<uint16_t, std::array<double, 2>> wanted_;  // images of a class that a side still wants
  std::map<uint16_t, size_t> left_;                   // unassigned images of a class
  uint16_t rarest_ = 0;
  std::vector<size_t> chosen_;
};

}  // namespace

std::vector<size_t> choose_stratified(const std::vector<std::vector<uint16_t>>& classes_of, size_t count, uint64_t seed) {
  if (count > classes_of.size()) throw InternalError(fmt::format("{} of {} samples were to be chosen", count, classes_of.size()));
  return Choice(classes_of, count, seed).run();
}

}  // namespace strata
