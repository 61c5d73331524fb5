// The member's API keys: listed, made of a public key or anew, and revoked, also the one that signs the request.
#include <algorithm>
#include <array>
#include <utility>

#include "io/json_writer.hpp"
#include "venue/virtual/kalshi_api.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using io::JsonWriter;

constexpr std::array<std::string_view, 8> kScopes{
    "read",         "write",           "read::block_trade_accept", "read::portfolio_balance",
    "write::trade", "write::transfer", "write::fcm_risk",          "write::block_trade_accept"};

ApiError invalid(const std::string& details) {
  return {400, "invalid_parameters", "invalid parameters", details};
}

// What both ways of making a key have in common. Keys of a subaccount alone, or of a subtrader, are not had here.
struct Wanted {
  std::string name;
  std::vector<std::string> scopes;
};
Wanted wanted_of(Fields& f) {
  Wanted out;
  out.name = f.text("name");
  if (f.maybe_integer("subaccount", 0, 63)) f.refuse("subaccount", "keys of a subaccount are not had here");
  if (!f.text_or("fcm_subtrader_id").empty()) f.refuse("fcm_subtrader_id", "is for FCM members");
  if (const auto scopes = f.maybe_child("scopes", JsonType::array)) {
    for (const JsonValue scope : *scopes) {
      if (!scope.is(JsonType::string) || std::find(kScopes.begin(), kScopes.end(), scope.text()) == kScopes.end())
        f.refuse("scopes", "holds one that is not known");
      else
        out.scopes.emplace_back(scope.text());
    }
  }
  const auto has = [&](std::string_view s) {
    return std::find(out.scopes.begin(), out.scopes.end(), s) != out.scopes.end();
  };
  if (has("write") && !has("read")) f.refuse("scopes", "write needs read");
  if (out.scopes.empty()) out.scopes = {"read", "write"};
  return out;
}

}  // namespace

Answer<std::string> KalshiApi::api_keys(Call&) {
  JsonWriter w;
  w.begin_object().begin_array("api_keys");
  for (const auto& [id, known] : gate_.keys()) {
    w.begin_object().string("api_key_id", id).string("name", known.name).begin_array("scopes");
    for (const auto& scope : known.scopes) w.string(scope);
    w.end_array().end_object();
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::create_api_key(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "key", flaws};
  Wanted wanted = wanted_of(f);
  auto key = kalshi::Key::of_public(f.text("public_key"));
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid(flaws.error));
  if (!key) return tl::unexpected<ApiError>(invalid("public_key " + key.error().message));
  JsonWriter w;
  w.begin_object().string("api_key_id", gate_.add({std::move(wanted.name), std::move(wanted.scopes), std::move(*key)}));
  return w.end_object().take();
}

Answer<std::string> KalshiApi::generate_api_key(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "key", flaws};
  Wanted wanted = wanted_of(f);
  const std::string_view type = f.text_or("key_type");
  if (!type.empty() && type != "rsa" && type != "ed25519") f.refuse("key_type", "is rsa or ed25519");
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid(flaws.error));
  const bool ed25519 = type == "ed25519";
  auto key = kalshi::Key::generate(ed25519 ? kalshi::Key::Kind::ed25519 : kalshi::Key::Kind::rsa);
  const auto pem = key ? key->private_pem() : Result<std::string>{tl::unexpected(key.error())};
  if (!pem) return refuse(500, "internal_error", pem.error().message);
  JsonWriter w;
  w.begin_object().string("api_key_id", gate_.add({std::move(wanted.name), std::move(wanted.scopes), std::move(*key)}));
  return w.string("key_type", ed25519 ? "ed25519" : "rsa").string("private_key", *pem).end_object().take();
}

Answer<std::string> KalshiApi::delete_api_key(Call& call) {
  if (!gate_.remove(call.path[0])) return refuse(404, "not_found", "not found", "api key");
  return std::string{};
}

}  // namespace voltage::venue::virtual_kalshi
