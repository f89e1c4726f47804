#include "services/scheduling/testing/mail_server.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/test_signal.h"

namespace waymark::scheduling {
namespace {

constexpr char kProgram[] = R"py(
import asyncio, pathlib, sys
from aiosmtpd.smtp import SMTP
folder = pathlib.Path(sys.argv[1])
class Keep:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        (folder / f"{len(list(folder.glob('*.eml')))}.eml").write_bytes(envelope.content)
        return "250 OK"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Keep(), hostname="localhost"), host="127.0.0.1", port=0)
    (folder / "port.next").write_text(str(server.sockets[0].getsockname()[1]))
    (folder / "port.next").rename(folder / "port")
    await server.serve_forever()
asyncio.run(main())
)py";

}  // namespace

MailServer::MailServer()
    : folder_(std::filesystem::temp_directory_path() / absl::StrCat("mail-", ::getpid())) {
  std::filesystem::create_directories(folder_);
  const std::string program = (folder_ / "server.py").string();
  std::ofstream(program) << kProgram;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::execl("/usr/bin/python3", "python3", program.c_str(), folder_.c_str(), nullptr);
    ::_exit(127);
  }
  EXPECT_TRUE(testing::Eventually([&] { return std::filesystem::exists(folder_ / "port"); }));
  std::ifstream(folder_ / "port") >> port_;
}

MailServer::~MailServer() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  std::filesystem::remove_all(folder_);
}

std::string MailServer::url() const { return absl::StrCat("smtp://127.0.0.1:", port_); }

std::string MailServer::Mail(int number) const {
  std::ifstream file(folder_ / absl::StrCat(number, ".eml"));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int MailServer::CountTo(const std::string& address) const {
  int count = 0;
  for (int number = 0;; ++number) {
    const std::string mail = Mail(number);
    if (mail.empty()) return count;
    if (absl::StrContains(mail, absl::StrCat("To: <", address, ">"))) ++count;
  }
}

}  // namespace waymark::scheduling
