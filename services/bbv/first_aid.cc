#include "services/bbv/first_aid.h"

#include "services/bbv/significance.h"

namespace waymark::bbv {

// HSE, How to deal with an exposure incident; NHSGGC, Needlestick initial action plan; Isle of Man
// Government; lenses: general knowledge.
std::vector<std::string> FirstAidFor(v1::Route route) {
  std::vector<std::string> advice;
  if (route == v1::ROUTE_EYE) {
    advice = {"Wash the eye with plenty of water, now.",
              "Take contact lenses out, then wash again."};
  } else if (route == v1::ROUTE_MOUTH || route == v1::ROUTE_NOSE) {
    advice = {"Rinse with plenty of water, now. Do not swallow the water."};
  } else if (IsPercutaneous(route)) {
    advice = {"Let it bleed gently under running water. Do not scrub, do not suck.",
              "Wash with soap and water. No bleach.", "Cover it with a waterproof plaster.",
              "Do not re-sheath the sharp and do not keep it for a virus test."};
  } else {
    advice = {"Wash with soap and plenty of water. No bleach.",
              "Cover cuts and grazes with a waterproof plaster."};
  }
  advice.push_back("Tell your supervisor and occupational health now: the first hour counts.");
  return advice;
}

}  // namespace waymark::bbv
