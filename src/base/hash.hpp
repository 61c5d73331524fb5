#pragma once
// SHA-256 as lower-case hex: identities of data files, feature schemas, model bundles, configurations.
#include <span>
#include <string>
#include <string_view>

namespace voltage {

std::string sha256_hex(std::string_view bytes);

// Incremental form for what does not fit in memory.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::string_view bytes);
  std::string hex();  // ends the computation

 private:
  void* context_;
};

}  // namespace voltage
