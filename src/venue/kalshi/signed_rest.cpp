#include "venue/kalshi/signed_rest.hpp"

#include <chrono>
#include <utility>

#include "venue/kalshi/signature.hpp"

namespace voltage::venue::kalshi {

struct SignedRest::Impl {
  Impl(net::Loop& loop, net::Url url, const std::string& ca_file, Key k, std::string id)
      : client{loop, std::move(url), ca_file}, key{std::move(k)}, key_id{std::move(id)} {}
  net::HttpClient client;
  Key key;
  std::string key_id;
};

Result<std::unique_ptr<SignedRest>> SignedRest::make(net::Loop& loop, const Endpoints& endpoints) {
  auto url = net::Url::parse(endpoints.kalshi_rest);
  if (!url) return tl::unexpected(url.error());
  auto key = Key::read(endpoints.kalshi_key_file);
  if (!key) return tl::unexpected(key.error());
  return std::unique_ptr<SignedRest>{new SignedRest{
      std::make_unique<Impl>(loop, std::move(*url), endpoints.ca_file, std::move(*key), endpoints.kalshi_key_id)}};
}

SignedRest::SignedRest(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
SignedRest::~SignedRest() = default;

void SignedRest::send(const std::string& method, const std::string& target, std::string body, Duration timeout,
                      std::function<void(net::Outcome)> done) {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const Time now{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
  net::Request request{method, target, std::move(body), {}};
  const std::string path = impl_->client.base().path + std::string{request.path()};
  const auto signature = impl_->key.sign(now, method, path);
  if (!signature) {
    net::Outcome unsent;
    unsent.delivery = net::Delivery::not_sent;
    unsent.why = signature.error().message;
    return done(std::move(unsent));
  }
  request.headers = {{"kalshi-access-key", impl_->key_id},
                     {"kalshi-access-timestamp", std::to_string(now.ms())},
                     {"kalshi-access-signature", *signature}};
  impl_->client.send(std::move(request), timeout, std::move(done));
}

}  // namespace voltage::venue::kalshi
