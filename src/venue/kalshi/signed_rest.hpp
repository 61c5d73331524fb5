#pragma once
// Signed requests to Kalshi's REST on one connection, one after the other. Two of these are two connections:
// what must not wait (a cancel) has one of its own.
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "venue/endpoints.hpp"
#include "venue/net/client.hpp"

namespace voltage::venue::kalshi {

class SignedRest {
 public:
  // Fails on a bad URL or key file. `loop` outlives it.
  static Result<std::unique_ptr<SignedRest>> make(net::Loop& loop, const Endpoints& endpoints);
  ~SignedRest();

  // `target` stands below the base path: "/portfolio/orders?limit=1000".
  void send(const std::string& method, const std::string& target, std::string body, Duration timeout,
            std::function<void(net::Outcome)> done);

  struct Impl;

 private:
  explicit SignedRest(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace voltage::venue::kalshi
