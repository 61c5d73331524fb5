#pragma once
// Recorded Kalshi sessions: gzip or plain NDJSON, one record a line with `t`, `recv_ns`, `seq`, `market`
// and the wire message in `msg`. Order is that of the file, which must be that of `recv_ns`. A record
// that cannot be read is an error with its file and line; a sequence hole is not: it is reported, because
// a recording of a bad network is still a recording.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"
#include "io/line_reader.hpp"
#include "market/book.hpp"
#include "market/contract.hpp"

namespace voltage::venue::tape {

struct Watch {  // a market that the recording follows from here on
  Time close{};
  std::optional<market::IndexValue> strike;
};
struct Connected {};  // a new connection for the market: its sequence starts anew
struct Snapshot {
  std::vector<market::Level> bids, asks;  // YES axis
};
struct Delta {
  Side side{};
  Price price{};
  Qty change{};
};
struct Ticker {
  std::optional<Price> last, bid, ask;
};
struct SequenceHole {
  std::int64_t expected{}, got{};
};
struct Other {  // a kind of record that carries nothing for the book
  std::string kind;
};

struct Record {
  Time received{};
  std::string market;
  std::optional<SequenceHole> hole;  // before this record
  std::variant<Watch, Connected, Snapshot, Delta, Ticker, Other> what;
};

class TapeReader {
 public:
  static Result<TapeReader> open(const std::string& path);
  TapeReader(TapeReader&&) noexcept;
  ~TapeReader();

  // The next record, or empty at the end. A delta before the first snapshot of its connection, a level
  // of the wrong type or range, a time that goes back: an error.
  Result<std::optional<Record>> next();
  std::string place() const { return lines_.place(); }

 private:
  explicit TapeReader(io::LineReader lines);
  Status follow_sequence(Record& record, std::optional<std::int64_t> seq);

  struct Parser;
  io::LineReader lines_;
  std::unique_ptr<Parser> parser_;
  std::map<std::string, std::int64_t> last_seq_;  // by market; absent before its snapshot
  Time last_received_{};
};

// The files of a directory (or the one file), by name: sessions in order.
Result<std::vector<std::string>> sessions(const std::string& path);

}  // namespace voltage::venue::tape
