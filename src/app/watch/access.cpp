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

std::string base64_decoded(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                       : c >= 'a' && c <= 'z' ? c - 'a' + 26
                       : c >= '0' && c <= '9' ? c - '0' + 52
                       : c == '+'             ? 62
                       : c == '/'             ? 63
                                              : -1;
    if (digit < 0) break;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>((bits >> count) & 0xFF);
  }
  return out;
}

// "Basic" and base64 of "name:password": the password, or nothing.
std::string password_of(std::string_view header) {
  constexpr std::string_view kScheme = "Basic ";
  if (!header.starts_with(kScheme)) return {};
  const auto both = base64_decoded(header.substr(kScheme.size()));
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
  constexpr std::string_view kScheme = "Bearer ";
  const auto header = request.header("authorization");
  return !token_.empty() && header.starts_with(kScheme) && equal(header.substr(kScheme.size()), token_);
}

bool Access::may_read(const Request& request) const {
  if (read_token_.empty() || may_act(request)) return true;
  constexpr std::string_view kScheme = "Bearer ";
  const auto header = request.header("authorization");
  if (header.starts_with(kScheme)) return equal(header.substr(kScheme.size()), read_token_);
  const std::string password = password_of(header);
  return equal(password, read_token_) || (!token_.empty() && equal(password, token_));
}

Result<std::string> take_read_token(const std::string& path) {
  const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made >= 0) {
    const auto fresh = fresh_token();
    const std::string text = fresh ? *fresh + "\n" : std::string{};
    const bool written = fresh && ::write(made, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(made);
    if (!written) {
      ::unlink(path.c_str());
      return fresh ? fail(path + ": can't be written") : fail(fresh.error().message);
    }
  } else if (errno != EEXIST) {
    return fail(path + ": " + std::strerror(errno));
  }
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
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(path + ": " + std::strerror(errno));
  const std::string text = std::to_string(control.port) + "\n" + control.token + "\n";
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  if (!written) return fail(path + ": can't be written");
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
