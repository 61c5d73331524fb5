#include "venue/kalshi/credential.hpp"

#include <utility>

#include "venue/clock.hpp"
#include "venue/net/safe_url.hpp"

namespace voltage::venue::kalshi {

Credential::Credential(std::string key_id, Key key)
    : signing_{std::make_shared<const Signing>(Signing{std::move(key_id), std::move(key)})} {}

Result<std::shared_ptr<Credential>> Credential::of(const Endpoints& endpoints) {
  for (const auto* text : {&endpoints.kalshi_rest, &endpoints.kalshi_ws}) {
    if (const auto url = net::Url::parse(*text); url && !net::safe(*url))
      return fail("'" + *text + "' is not encrypted: https:// or wss:// is needed but on this machine");
  }
  if (endpoints.credential) return endpoints.credential;
  if (endpoints.kalshi_key_id.empty() || endpoints.kalshi_key_file.empty())
    return fail(
        "Kalshi needs a key: --key-id and --key-file, or key_id and key_file under [kalshi] in the configuration");
  auto key = Key::read(endpoints.kalshi_key_file);
  if (!key) return tl::unexpected(key.error());
  return std::make_shared<Credential>(endpoints.kalshi_key_id, std::move(*key));
}

std::shared_ptr<const Credential::Signing> Credential::now() const {
  const std::lock_guard lock{mutex_};
  return signing_;
}

Result<std::map<std::string, std::string>> Credential::headers(std::string_view method, std::string_view path) const {
  const auto signing = now();
  const Time at = wall_now();
  auto signature = signing->key.sign(at, method, path);
  if (!signature) return tl::unexpected(signature.error());
  return std::map<std::string, std::string>{{"KALSHI-ACCESS-KEY", signing->key_id},
                                            {"KALSHI-ACCESS-TIMESTAMP", std::to_string(at.ms())},
                                            {"KALSHI-ACCESS-SIGNATURE", std::move(*signature)}};
}

std::string Credential::key_id() const {
  return now()->key_id;
}

void Credential::become(const Credential& other) {
  auto next = other.now();
  const std::lock_guard lock{mutex_};
  signing_ = std::move(next);
}

}  // namespace voltage::venue::kalshi
