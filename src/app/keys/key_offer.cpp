#include "app/keys/key_offer.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/decimal.hpp"
#include "io/atomic_file.hpp"

namespace voltage::app::keys {
namespace {

namespace kalshi = venue::kalshi;

constexpr const char* kWho[] = {"trader", "guard"};

std::string signs_path(const std::string& control, const std::string& who) {
  return control + "/key-of-" + who;
}

std::string trouble(const std::string& path) {
  return path + ": " + std::strerror(errno);
}

bool alive(std::int64_t pid) {
  return pid > 0 && (::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

}  // namespace

std::string offer_path(const std::string& control) {
  return control + "/next-key";
}

// The folder's owner must be able to read it before anybody else can: it is given away while it is empty.
Result<std::string> make_offer(const std::string& control, const std::string& key_id, const std::string& pem) {
  struct stat folder{};
  if (::stat(control.c_str(), &folder) != 0) return fail(trouble(control));
  const std::string path = offer_path(control), aside = path + ".part";
  ::unlink(aside.c_str());
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(trouble(aside));
  const bool given = ::geteuid() != 0 || ::fchown(fd, folder.st_uid, folder.st_gid) == 0;
  const std::string text = key_id + "\n" + pem;
  const bool whole = given && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  // A link, not a renaming: an offer that lies there already is not overwritten.
  const bool there = whole && ::link(aside.c_str(), path.c_str()) == 0;
  const std::string why =
      errno == EEXIST ? path + ": another offer lies there; remove it if no voltage rekey is under way" : trouble(path);
  ::unlink(aside.c_str());
  if (!there) return fail(why);
  return offer_there(control);
}

void take_back(const std::string& control) {
  ::unlink(offer_path(control).c_str());
}

std::string offer_there(const std::string& control) {
  struct stat about{};
  if (::lstat(offer_path(control).c_str(), &about) != 0) return {};
  return fmt::format("{}.{}.{:09}", about.st_ino, about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

Result<std::shared_ptr<kalshi::Credential>> read_offer(const std::string& control) {
  auto key = kalshi::Key::read(offer_path(control));  // what stands before the key is skipped
  if (!key) return tl::unexpected(key.error());
  std::ifstream file{offer_path(control)};
  std::string id;
  if (!std::getline(file, id) || id.empty())
    return fail(offer_path(control) + ": the first line, the key's id, is empty");
  return std::make_shared<kalshi::Credential>(id, std::move(*key));
}

Status say_signs(const std::string& control, const Signs& s) {
  return io::write_file(signs_path(control, s.who),
                        fmt::format("{}\n{}\n{}\n{}\n", s.pid, s.key_id, s.offer, s.refused));
}

void forget_signs(const std::string& control, const std::string& who) {
  ::unlink(signs_path(control, who).c_str());
}

std::vector<Signs> who_signs(const std::string& control) {
  std::vector<Signs> all;
  for (const char* who : kWho) {
    const auto text = io::read_file(signs_path(control, who));
    if (!text) continue;
    Signs s;
    s.who = who;
    std::string pid;
    std::istringstream lines{*text};
    std::getline(lines, pid);
    std::getline(lines, s.key_id);
    std::getline(lines, s.offer);
    std::getline(lines, s.refused);
    s.pid = parse_int(pid).value_or(0);
    if (alive(s.pid)) all.push_back(std::move(s));
  }
  return all;
}

}  // namespace voltage::app::keys
