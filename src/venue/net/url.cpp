#include <fmt/format.h>

#include "venue/net/safe_url.hpp"

namespace voltage::venue::net {

Result<Url> Url::parse(std::string_view text) {
  const auto scheme_end = text.find("://");
  const std::string_view scheme = text.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end);
  const bool tls = scheme == "https" || scheme == "wss";
  if (!tls && scheme != "http" && scheme != "ws") {
    return fail(fmt::format("'{}' is no URL: it must begin with http://, https://, ws:// or wss://", text));
  }
  const std::string_view rest = text.substr(scheme_end + 3);
  const auto slash = rest.find('/');
  const std::string_view authority = rest.substr(0, slash);
  Url url{tls, "", tls ? "443" : "80", slash == std::string_view::npos ? "" : std::string{rest.substr(slash)}};
  while (!url.path.empty() && url.path.back() == '/' && url.path.size() > 1) url.path.pop_back();
  const auto colon = authority.rfind(':');
  url.host = std::string{authority.substr(0, colon)};
  if (colon != std::string_view::npos) url.port = std::string{authority.substr(colon + 1)};
  const bool digits = !url.port.empty() && url.port.find_first_not_of("0123456789") == std::string::npos;
  if (url.host.empty() || !digits || url.port.size() > 5)
    return fail(fmt::format("'{}' is no URL: host or port is missing or wrong", text));
  return url;
}

bool on_this_machine(const Url& url) {
  return url.host == "localhost" || url.host == "127.0.0.1" || url.host == "::1" || url.host == "[::1]";
}

bool safe(const Url& url) {
  return url.tls || on_this_machine(url);
}

}  // namespace voltage::venue::net
