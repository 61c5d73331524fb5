#include "venue/kalshi/signed_rest.hpp"

#include <utility>

#include "venue/kalshi/credential.hpp"

namespace voltage::venue::kalshi {

struct SignedRest::Impl {
  Impl(net::Loop& loop, net::Url url, const std::string& ca_file, std::shared_ptr<Credential> c)
      : client{loop, std::move(url), ca_file}, credential{std::move(c)} {}
  net::HttpClient client;
  std::shared_ptr<const Credential> credential;
};

Result<std::unique_ptr<SignedRest>> SignedRest::make(net::Loop& loop, const Endpoints& endpoints) {
  auto url = net::Url::parse(endpoints.kalshi_rest);
  if (!url) return tl::unexpected(url.error());
  auto credential = Credential::of(endpoints);
  if (!credential) return tl::unexpected(credential.error());
  return std::unique_ptr<SignedRest>{
      new SignedRest{std::make_unique<Impl>(loop, std::move(*url), endpoints.ca_file, std::move(*credential))}};
}

SignedRest::SignedRest(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
SignedRest::~SignedRest() = default;

void SignedRest::send(const std::string& method, const std::string& target, std::string body, Duration timeout,
                      std::function<void(net::Outcome)> done) {
  net::Request request{method, target, std::move(body), {}};
  const auto headers = impl_->credential->headers(method, impl_->client.base().path + std::string{request.path()});
  if (!headers) {
    net::Outcome unsent;
    unsent.delivery = net::Delivery::not_sent;
    unsent.why = headers.error().message;
    return done(std::move(unsent));
  }
  for (const auto& [name, value] : *headers) request.headers[name] = value;
  impl_->client.send(std::move(request), timeout, std::move(done));
}

}  // namespace voltage::venue::kalshi
