#pragma once
// A decoded frame as one line of JSON that a person can check. Numbers are the decimal text of 1e-8 units,
// times ISO 8601; a candle is named by its begin.
#include "io/json_writer.hpp"
#include "venue/kraken/frame.hpp"

namespace voltage::venue::kraken {

// Adds the fields to an object that the caller has begun.
void write(io::JsonWriter& out, const Frame& frame);

}  // namespace voltage::venue::kraken
