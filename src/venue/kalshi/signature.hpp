#pragma once
// Kalshi's request signature: base64 over "timestamp_ms METHOD path" (no query) with RSA-PSS SHA-256 of
// salt 32, or Ed25519. Keys come from PEM files that nobody else can read; their content never appears in
// an error. Signing an RSA request costs about a millisecond: do it off the hot path.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::venue::kalshi {

class Key {
 public:
  enum class Kind : std::uint8_t { rsa, ed25519 };

  // Refuses a file that its group or others can read, write or execute, and one that holds no private key. From
  // then on the process leaves no core file.
  static Result<Key> read(const std::string& path);
  static Result<Key> generate(Kind kind);
  // One that can verify and not sign, from its public PEM.
  static Result<Key> of_public(std::string_view pem);
  Key(Key&&) noexcept;
  Key& operator=(Key&&) noexcept;
  ~Key();

  // Creates the file with mode 0600; fails if it exists.
  Status write(const std::string& path) const;
  Result<std::string> private_pem() const;
  Result<std::string> sign(Time now, std::string_view method, std::string_view path) const;
  bool verify(std::string_view timestamp_ms, std::string_view method, std::string_view path,
              std::string_view signature_base64) const;

 private:
  explicit Key(void* pkey) : pkey_{pkey} {}
  void* pkey_;
};

}  // namespace voltage::venue::kalshi
