#pragma once
// Notices that a venue has changed its format. The decoders tell it of every field that they look for; it knows
// by habit which optional ones always come, message kind by message kind. It names the first field that
//
//   a decoder can't do without and is missing, or of another type    twice, with fewer than 20 good ones between
//   came as a string and now comes as a number, or the other way      at once
//   always came and is gone, while a name never seen before is there   at once: it was renamed
//   always came and is gone                                           after 20 messages without it
//
// A field whose absence means something (a side of a book that is empty, what the last minute alone has) is declared as
// one that comes and goes: it is gone after 2,000 messages without it, which is more than its own pauses last.
// New fields alone are no change: venues add some every week. The first change stays: only another program, or
// somebody who has looked, can say that it is harmless. Not thread-safe: one for each stream.
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voltage::venue {

class SchemaWatch {
 public:
  // A message of this kind is about to be read, and was read; `error`: what the decoder could not do, or empty.
  void begin(std::string_view kind);
  void end(const std::string& error);

  // --- Told by Fields ------------------------------------------------------------------------------------
  std::uint64_t open_object() { return ++objects_; }
  void saw(std::uint64_t object, std::string_view where, std::string_view key, bool present);
  void retyped(std::string_view where, std::string_view key);
  // The object was read; `unknown`: its fields that nobody asked for.
  void close_object(std::uint64_t object, std::string_view where, const std::vector<std::string_view>& unknown);

  // An optional field that is known to come always, before any message told so.
  void expect(std::string_view kind, std::string_view where, std::string_view key);
  // One that may be missing from any number of messages.
  void may_lack(std::string_view kind, std::string_view where, std::string_view key);

  // What changed, with the field's name; empty: nothing.
  const std::string& changed() const { return changed_; }
  // Of every field that was looked for: how often it was there, of how many.
  void each(const std::function<void(const std::string& field, std::int64_t present, std::int64_t total)>& f) const;

 private:
  struct Habit {
    std::int64_t present{0}, total{0}, missing_in_a_row{0};
    std::uint64_t last_object{0};
    bool comes_and_goes{false};
    bool always() const;
  };
  using Kind = std::map<std::pair<std::string, std::string>, Habit, std::less<>>;
  void change(const std::string& what);
  static std::string without_places(std::string_view where);

  std::map<std::string, Kind, std::less<>> kinds_;
  struct Errors {
    int count{0}, good_since{0};
  };
  std::map<std::string, Errors, std::less<>> errors_;  // of a kind
  std::set<std::string> additions_;                    // unknown fields that came beside all that was known
  std::string kind_name_;
  Kind* kind_{nullptr};
  std::uint64_t objects_{0};
  std::vector<std::pair<std::uint64_t, std::string>> gone_;  // from objects that are being read
  std::string changed_;
};

}  // namespace voltage::venue
