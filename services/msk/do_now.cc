#include "services/msk/do_now.h"

namespace waymark::msk {

std::vector<std::string> DoNow(Door door, v1::Urgency urgency) {
  switch (urgency) {
    case v1::URGENCY_EMERGENCY:
      return {"Call 999 or go straight to the emergency department now.",
              "Do not drive yourself, do not eat or drink."};
    case v1::URGENCY_SAME_DAY:
      return {"Be seen today: occupational health calls at once to say where.",
              "If it gets worse, call 999."};
    case v1::URGENCY_WITHIN_DAYS:
      return {"Rest it; occupational health calls today to say where you will be seen."};
    default:
      break;
  }
  // NICE NG59; PEACE and LOVE is general knowledge.
  std::vector<std::string> lines = {
      "Protect it for one to three days and raise it; then keep moving as far as it allows.",
      "Call 999 for numbness between the legs, trouble passing water, weakness of both legs, a "
      "cold or "
      "numb limb, or a hot swollen joint with fever."};
  if (door == Door::kUnchecked) {
    lines.emplace_back("Occupational health asks about warning signs within the hour.");
  }
  return lines;
}

}  // namespace waymark::msk
