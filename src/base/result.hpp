#pragma once
// Result<T>: a value or an Error. Expected failures (bad input, a refused request, a missing file)
// are values; exceptions come only from third-party code and are caught at the edge that calls it.
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace voltage {

// What went wrong, where, and what to do about it: one line for a person, ready to print.
struct Error {
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace voltage
