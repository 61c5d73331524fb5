#pragma once
// The key that signs, with the id by which the venue knows it. All calls and streams of a process share one, so that
// another key takes its place everywhere at once while the process runs. Thread-safe.
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "venue/endpoints.hpp"
#include "venue/kalshi/signature.hpp"

namespace voltage::venue::kalshi {

class Credential {
 public:
  Credential(std::string key_id, Key key);
  // The one that the endpoints share, or else what their key file holds.
  static Result<std::shared_ptr<Credential>> of(const Endpoints& endpoints);

  // The three headers of a private call. `path` is the whole path, without a query.
  Result<std::map<std::string, std::string>> headers(std::string_view method, std::string_view path) const;
  std::string key_id() const;
  // From the next signature on it is the other's key.
  void become(const Credential& other);

 private:
  struct Signing {
    std::string key_id;
    Key key;
  };
  std::shared_ptr<const Signing> now() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const Signing> signing_;
};

}  // namespace voltage::venue::kalshi
