// How statements about one employment become what is true from day to day. Pure.
//
// Each statement says what is true from its day until the day of the next. They may arrive in any
// order: what is true on a day follows from the statements alone, never from when they came. Of two
// for the same day the one with the higher source version holds.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_SETTLE_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_SETTLE_H_

#include <string>
#include <vector>

#include "services/workforce/people/slice.h"

namespace waymark::workforce {

struct Settled {
  // slice_ids that are no longer what is known.
  std::vector<std::string> close;
  // What is known instead and beside; without slice_id and times of knowing.
  std::vector<Slice> open;
  // The statement is older than what is known for its day, or says the same: nothing changes.
  bool outdated = false;
};

// `known` are the slices of the employment that are known now, in any order; they do not overlap.
Settled Settle(const std::vector<Slice>& known, const Slice& statement);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_SETTLE_H_
