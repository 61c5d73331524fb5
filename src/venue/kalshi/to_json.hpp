#pragma once
// A decoded frame as one line of JSON that a person can check: `kind`, `market`, `side` (bid or ask, YES
// axis), `price` and `qty` as decimal text, times as ISO 8601.
#include <string>

#include "io/json_writer.hpp"
#include "venue/kalshi/frame.hpp"
#include "venue/kalshi/rest.hpp"

namespace voltage::venue::kalshi {

// Adds the fields to an object that the caller has begun.
void write(io::JsonWriter& out, const Frame& frame);
void write(io::JsonWriter& out, const Message& message);
void write(io::JsonWriter& out, const RestObject& object);

}  // namespace voltage::venue::kalshi
