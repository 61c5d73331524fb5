#pragma once
// Decodes the lines of a file of frames, one JSON line out for each line in: what `voltage decode` prints.
// A line is a frame as it was sent, or a recording's {"recv_ts_ns", "raw"} around one, or (tape) a record
// with `t` and `msg`. Sequence holes (Kalshi: per sid, a new connection starts anew; Kraken: trade ids per
// pair) are notes beside the line, not errors.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/json_writer.hpp"
#include "venue/kalshi/decode.hpp"
#include "venue/kraken/decode.hpp"

namespace voltage::venue {

enum class LineFormat : std::uint8_t { kalshi, kraken, tape };

struct DecodedLine {
  std::string json;
  bool error{false};
  std::vector<std::string> holes;
};

class LineDecoder {
 public:
  LineDecoder(LineFormat format, kalshi::NoPrices no_prices);

  // `line` is not empty; `number` counts from 1 and goes into the output.
  DecodedLine decode(std::string_view line, std::int64_t number);

  std::int64_t unknown_fields() const;
  std::int64_t unknown_kinds() const;

 private:
  struct Unwrapped;
  Result<Unwrapped> unwrap(std::string_view line);
  Status kalshi_line(JsonValue root, io::JsonWriter& out, DecodedLine& line);
  Status kraken_line(JsonValue root, io::JsonWriter& out, DecodedLine& line);
  Status tape_line(JsonValue root, io::JsonWriter& out, DecodedLine& line);
  void follow(const std::string& key, std::int64_t seq, bool restarts_at_one, DecodedLine& line);

  LineFormat format_;
  JsonDocument outer_, raw_;
  kalshi::Decoder kalshi_;
  kalshi::Counts rest_counts_;
  kraken::Decoder kraken_;
  std::map<std::string, std::int64_t> last_seq_;
};

}  // namespace voltage::venue
