#pragma once
// Signs requests on a thread of its own: an RSA signature costs about a millisecond, which neither the sockets
// nor the decisions may wait for. Requests come back signed, in the order in which they were handed over.
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "venue/kalshi/credential.hpp"
#include "venue/net/http.hpp"

namespace voltage::venue::kalshi {

class Signer {
 public:
  // `base_path` stands before each request's target ("/trade-api/v2").
  Signer(std::shared_ptr<const Credential> credential, std::string base_path);
  ~Signer();  // what is not signed by then is dropped

  // From any thread; `done` is called on the signer's. An error says why the request can't be signed.
  void sign(net::Request request, std::function<void(Result<net::Request>)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voltage::venue::kalshi
