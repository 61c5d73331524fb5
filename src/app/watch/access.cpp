#include "app/watch/access.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "io/atomic_file.hpp"
#include "io/base64.hpp"

namespace voltage::app::watch {
namespace {

using venue::net::Request;
using venue::net::Response;

bool is_loopback_name(std::string_view host) {
  const auto colon = host.rfind(':');
  const bool bracket = !host.empty() && host.front() == '[';
  const auto name = bracket ? host.substr(0, host.find(']') + 1) : host.substr(0, colon);
  return name == "127.0.0.1" || name == "localhost" || name == "[::1]";
}

// In a time that does not depend on where they differ.
bool equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

// Made of mode 0600 with this text; false: a file of that name is there, and nothing was done.
Result<bool> make_secret(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 && errno == EEXIST) return false;
  if (fd < 0) return fail(path + ": " + std::strerror(errno));
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  if (written) return true;
  ::unlink(path.c_str());
  return fail(path + ": can't be written");
}

std::string_view bearer_of(const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto header = request.header("authorization");
  return header.starts_with(kScheme) ? header.substr(kScheme.size()) : std::string_view{};
}

// "Basic" and base64 of "name:password": the password, or nothing.
std::string password_of(std::string_view header) {
  constexpr std::string_view kScheme = "Basic ";
  if (!header.starts_with(kScheme)) return {};
  const auto both = io::from_base64(header.substr(kScheme.size())).value_or("");
  const auto colon = both.find(':');
  return colon == std::string::npos ? std::string{} : both.substr(colon + 1);
}

}  // namespace

std::optional<Response> Access::refuses(const Request& request) const {
  const auto host = request.header("host");
  if (!is_loopback_name(host)) {
    return Response{421, "this server answers to 127.0.0.1 and localhost alone\n", "text/plain", {}};
  }
  const auto origin = request.header("origin");
  if (!origin.empty() && origin != "http://" + std::string{host}) {
    return Response{403, "a page of another origin may not ask\n", "text/plain", {}};
  }
  const auto site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") {
    return Response{403, "a page of another site may not ask\n", "text/plain", {}};
  }
  return std::nullopt;
}

bool Access::may_act(const Request& request) const {
  return !token_.empty() && equal(bearer_of(request), token_);
}

bool Access::may_read(const Request& request) const {
  if (read_token_.empty() || may_act(request)) return true;
  if (const auto bearer = bearer_of(request); !bearer.empty()) return equal(bearer, read_token_);
  const std::string password = password_of(request.header("authorization"));
  return equal(password, read_token_) || (!token_.empty() && equal(password, token_));
}

Result<std::string> take_read_token(const std::string& path) {
  const auto fresh = fresh_token();
  if (!fresh) return tl::unexpected(fresh.error());
  if (const auto made = make_secret(path, *fresh + "\n"); !made) return tl::unexpected(made.error());
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0) return fail(path + ": " + std::strerror(errno));
  if (!S_ISREG(about.st_mode) || (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(path + ": others may read this token; chmod 600, and a new token (remove the file)");
  auto text = io::read_file(path);
  if (!text) return tl::unexpected(text.error());
  while (!text->empty() && text->back() == '\n') text->pop_back();
  constexpr std::size_t kShortest = 16;
  if (text->size() < kShortest || text->find('\n') != std::string::npos)
    return fail(fmt::format("{}: a token is one line of {} characters or more", path, kShortest));
  return *text;
}

Result<std::string> fresh_token() {
  std::array<unsigned char, 24> bytes{};
  std::FILE* random = std::fopen("/dev/urandom", "rb");
  const bool read = random != nullptr && std::fread(bytes.data(), 1, bytes.size(), random) == bytes.size();
  if (random != nullptr) std::fclose(random);
  if (!read) return fail("/dev/urandom can't be read: no control token");
  std::string token;
  for (const unsigned char b : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    token += kDigits[b >> 4];
    token += kDigits[b & 15];
  }
  return token;
}

std::string control_path(const std::string& folder) {
  return folder + "/dashboard.token";
}

Status write_control_file(const std::string& folder, const ControlFile& control) {
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  const std::string path = control_path(folder);
  ::unlink(path.c_str());
  const auto made = make_secret(path, std::to_string(control.port) + "\n" + control.token + "\n");
  if (!made) return tl::unexpected(made.error());
  if (!*made) return fail(path + ": is there again already; another run has this folder");
  return {};
}

Result<ControlFile> read_control_file(const std::string& folder) {
  const std::string path = control_path(folder);
  const auto text = io::read_file(path);
  if (!text) return fail(path + ": no run with a dashboard here; start one with --dashboard-port");
  const auto end = text->find('\n');
  const auto port = parse_int(std::string_view{*text}.substr(0, end));
  if (!port || *port < 1 || *port > 65'535 || end == std::string::npos) return fail(path + ": names no port");
  std::string token = text->substr(end + 1);
  while (!token.empty() && token.back() == '\n') token.pop_back();
  return ControlFile{static_cast<std::uint16_t>(*port), std::move(token)};
}

}  // namespace voltage::app::watch
