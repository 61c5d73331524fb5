#pragma once
// Programs for end-to-end tests: `voltage venue` in a process of its own, and shell commands with their exit code.
#include <csignal>
#include <cstdlib>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace voltage::testing {

// The exit code; -1 if a signal ended it.
inline int run(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// `voltage venue` for as long as the object lives; line() is its ready line, empty if it did not come up.
class VenueProcess {
 public:
  explicit VenueProcess(const std::string& options) {
    int out[2];
    if (::pipe(out) != 0) return;
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(out[1], 1);
      ::close(out[0]);
      const std::string command = std::string{"exec "} + VOLTAGE_BINARY + " venue --tier premier --for 300s " + options;
      ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
      std::_Exit(127);
    }
    ::close(out[1]);
    char c = 0;
    while (::read(out[0], &c, 1) == 1 && c != '\n') line_ += c;
    ::close(out[0]);
  }
  ~VenueProcess() {
    if (child_ <= 0) return;
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  VenueProcess(const VenueProcess&) = delete;
  VenueProcess& operator=(const VenueProcess&) = delete;
  const std::string& line() const { return line_; }
  // A text field of the ready line.
  std::string field(const std::string& name) const {
    const std::string key = "\"" + name + "\":\"";
    const auto at = line_.find(key);
    if (at == std::string::npos) return {};
    const auto from = at + key.size();
    return line_.substr(from, line_.find('"', from) - from);
  }

 private:
  pid_t child_{-1};
  std::string line_;
};

}  // namespace voltage::testing
