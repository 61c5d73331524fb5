#include "venue/virtual/reshape.hpp"

#include "base/decimal.hpp"
#include "io/json_writer.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

bool plain(JsonValue v) {
  return !v.is(JsonType::array) && !v.is(JsonType::object);
}

class Writer {
 public:
  Writer(Reshaping how, std::string_view field) : how_{how}, field_{field} {
    if (field.starts_with('#')) place_ = parse_int(field.substr(1)).value_or(-1);
  }

  void write(JsonValue v) {
    switch (v.type()) {
      case JsonType::object:
        return object(v);
      case JsonType::array:
        return array(v);
      case JsonType::string:
        return string(v);
      default:
        out_ += v.text();
    }
  }
  bool found() const { return found_; }
  std::string take() { return std::move(out_); }

 private:
  void string(JsonValue v) {
    // The index feed carries its value as JSON in a string.
    const auto inner = v.text().starts_with('{') ? reshaped(v.text(), how_, field_) : std::nullopt;
    found_ = found_ || inner;
    io::append_json_string(out_, inner ? std::string_view{*inner} : v.text());
  }
  // The value as another type.
  void other(JsonValue v) {
    if (v.is(JsonType::string)) {
      out_ += parse_double(v.text()) && !v.text().starts_with('+') && !v.text().starts_with('.') ? v.text() : "7";
    } else if (v.is(JsonType::number)) {
      io::append_json_string(out_, v.text());
    } else {
      out_ += "\"x\"";
    }
  }
  void object(JsonValue v) {
    out_ += '{';
    bool first = true;
    for (const JsonValue child : v) {
      const bool hit = child.key() == field_;
      found_ = found_ || hit;
      if (hit && how_ == Reshaping::drop) continue;
      if (!first) out_ += ',';
      first = false;
      io::append_json_string(
          out_, hit && how_ == Reshaping::rename ? std::string{child.key()} + "_v2" : std::string{child.key()});
      out_ += ':';
      if (hit && how_ == Reshaping::retype)
        other(child);
      else
        write(child);
    }
    out_ += '}';
  }
  void array(JsonValue v) {
    bool all_plain = v.size() > 0;
    for (const JsonValue child : v) all_plain = all_plain && plain(child);
    out_ += '[';
    bool first = true;
    std::int64_t place = 0;
    for (const JsonValue child : v) {
      const bool hit = all_plain && place++ == place_;
      found_ = found_ || hit;
      if (hit && how_ == Reshaping::drop) continue;
      if (!first) out_ += ',';
      first = false;
      if (hit)
        out_ += "[]";
      else
        write(child);
    }
    out_ += ']';
  }

  Reshaping how_;
  std::string_view field_;
  std::int64_t place_{-1};
  std::string out_;
  bool found_{false};
};

}  // namespace

std::optional<std::string> reshaped(std::string_view text, Reshaping how, std::string_view field) {
  JsonDocument document;
  const auto root = document.parse(text);
  if (!root) return std::nullopt;
  Writer writer{how, field};
  writer.write(*root);
  if (!writer.found()) return std::nullopt;
  return writer.take();
}

}  // namespace voltage::venue::virtual_kalshi
