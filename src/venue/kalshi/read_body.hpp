#pragma once
// The object of an answer's body, read whole or not at all.
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "venue/fields.hpp"

namespace voltage::venue::kalshi {

// `read(fields, flaws, out)` fills a T; fails with the first flaw. `where` names the body in errors.
template <class T, class Read>
Result<T> read_body(std::string_view body, const char* where, Read read) {
  JsonDocument document;
  const auto root = document.parse(body);
  if (!root) return fail(std::string{where} + ": " + root.error().message);
  Flaws flaws;
  T out;
  {
    Fields f{*root, where, flaws};
    read(f, flaws, out);
  }
  if (!flaws.error.empty()) return fail(flaws.error);
  return out;
}

}  // namespace voltage::venue::kalshi
