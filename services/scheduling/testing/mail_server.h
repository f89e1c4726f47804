// A real mail server for tests, aiosmtpd, that keeps each message and refuses one address.
#ifndef WAYMARK_SERVICES_SCHEDULING_TESTING_MAIL_SERVER_H_
#define WAYMARK_SERVICES_SCHEDULING_TESTING_MAIL_SERVER_H_

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace waymark::scheduling {

class MailServer {
 public:
  // Returns when it listens. A recipient that begins with "nobody" is refused.
  MailServer();
  ~MailServer();
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  std::string url() const;
  // The message of that number, from 0, headers included; empty when it has not come.
  std::string Mail(int number) const;
  // How many have come to this address.
  int CountTo(const std::string& address) const;

 private:
  const std::filesystem::path folder_;
  pid_t pid_ = 0;
  int port_ = 0;
};

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_TESTING_MAIL_SERVER_H_
