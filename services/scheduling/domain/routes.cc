#include "services/scheduling/domain/routes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace waymark::scheduling {
namespace {

namespace people = ::waymark::workforce::v1;
using What = Destination::What;

v1::Contact Mail(std::string address) {
  v1::Contact contact;
  contact.set_channel(v1::CHANNEL_EMAIL);
  contact.set_address(std::move(address));
  return contact;
}

bool IsMail(const people::RouteTo& route) {
  return route.route() == people::ROUTE_WORK_EMAIL || route.route() == people::ROUTE_PERSONAL_EMAIL;
}

}  // namespace

Destination ForStaff(const v1::Contact& rota, const v1::Contact& duty,
                     const people::Reachable* known) {
  if (known == nullptr || known->subject_id().empty()) return {.contact = rota};
  if (known->deceased()) return {.contact = duty};
  Destination by_rota = {.contact = rota, .language = known->language()};
  // A webhook is the force's own paging system and no route of the person's.
  if (rota.channel() != v1::CHANNEL_EMAIL) return by_rota;
  const auto first = std::find_if(known->routes().begin(), known->routes().end(), IsMail);
  if (first != known->routes().end() && first->route() == people::ROUTE_PERSONAL_EMAIL) {
    return {.contact = Mail(first->address()), .language = known->language()};
  }
  const bool refused = std::find(known->never().begin(), known->never().end(),
                                 people::ROUTE_WORK_EMAIL) != known->never().end();
  return refused ? Destination{.contact = duty} : by_rota;
}

Destination ForOfficer(const people::Reachable* known, int attempt) {
  if (known == nullptr) return {.what = What::kWait};
  if (known->subject_id().empty() || known->deceased() || !known->reminders() ||
      known->routes().empty()) {
    return {.what = What::kWithdraw};
  }
  std::vector<const people::RouteTo*> mails;
  bool console = false;
  for (const people::RouteTo& route : known->routes()) {
    if (IsMail(route)) mails.push_back(&route);
    console |= route.route() == people::ROUTE_CONSOLE;
  }
  if (!mails.empty()) {
    const people::RouteTo& route = *mails[static_cast<size_t>(attempt - 1) % mails.size()];
    return {.contact = Mail(route.address()), .language = known->language()};
  }
  // Whoever looks for themselves finds it there.
  return {.what = console ? What::kWithdraw : What::kAskAPerson};
}

}  // namespace waymark::scheduling
