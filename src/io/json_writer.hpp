#pragma once
// Writes one JSON text on one line into a string, fields in the order of the calls. No tree, no doubles
// but by an explicit call; numbers in fixed point go out as strings or as the digits that they are.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/types.hpp"

namespace voltage::io {

// Appends text with JSON's escapes, in quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& begin_object(std::string_view key) { return name(key).begin_object(); }
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& begin_array(std::string_view key) { return name(key).begin_array(); }
  JsonWriter& end_array();

  JsonWriter& name(std::string_view key);
  JsonWriter& string(std::string_view text);
  JsonWriter& raw(std::string_view json);  // already JSON: a number's digits, a nested text
  JsonWriter& integer(std::int64_t value);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }

  JsonWriter& string(std::string_view key, std::string_view text) { return name(key).string(text); }
  JsonWriter& raw(std::string_view key, std::string_view json) { return name(key).raw(json); }
  JsonWriter& integer(std::string_view key, std::int64_t value) { return name(key).integer(value); }
  JsonWriter& boolean(std::string_view key, bool value) { return name(key).boolean(value); }
  JsonWriter& price(std::string_view key, Price p);  // "0.5550"
  JsonWriter& qty(std::string_view key, Qty q);      // "10.00"
  JsonWriter& money(std::string_view key, Money m);  // "1.387500"

  const std::string& text() const { return out_; }
  std::string take();

 private:
  void separate();

  std::string out_;
  bool first_{true};
};

}  // namespace voltage::io
