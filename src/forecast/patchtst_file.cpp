// The weights file: a text header, the numbers as little-endian float32, a SHA-256 of both. docs/PATCHTST.md
// describes it for readers in other languages.
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "forecast/patchtst.hpp"

namespace voltage::forecast {
namespace {

static_assert(std::endian::native == std::endian::little, "weights files are little-endian");

constexpr std::string_view kMagic = "voltage-patchtst 1";
constexpr std::size_t kHashLength = 64;

struct Field {
  const char* name;
  std::int32_t PatchTstShape::* value;
};
constexpr Field kFields[] = {
    {"window", &PatchTstShape::window}, {"patch", &PatchTstShape::patch},         {"stride", &PatchTstShape::stride},
    {"model", &PatchTstShape::model},   {"heads", &PatchTstShape::heads},         {"layers", &PatchTstShape::layers},
    {"hidden", &PatchTstShape::hidden}, {"head", &PatchTstShape::head},           {"context", &PatchTstShape::context},
    {"revin", &PatchTstShape::revin},   {"flattened", &PatchTstShape::flattened}, {"groups", &PatchTstShape::groups},
};

// A line that files of before it lack: then, and where it is 0, context is read as it is.
constexpr Field kContextBound{"context_bound", &PatchTstShape::context_bound};

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  while (!line.empty()) {
    const std::size_t end = line.find(' ');
    out.push_back(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  }
  return out;
}

bool to_int(std::string_view text, std::int32_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// Why a name cannot stand in the header, or empty.
std::string name_fault(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (name.empty() || name.find_first_of(" \n\r\t") != std::string::npos) {
      return fmt::format("name '{}' is empty or holds a space", name);
    }
  }
  return {};
}

std::string header(const PatchTstCard& card) {
  std::string out = fmt::format("{}\n", kMagic);
  for (const Field& f : kFields) out += fmt::format("{} {}\n", f.name, card.shape.*f.value);
  if (card.shape.context_bound != 0) out += fmt::format("{} {}\n", kContextBound.name, card.shape.context_bound);
  out += "group_series";
  for (std::int32_t g = 0; g < card.shape.groups; ++g) out += fmt::format(" {}", card.shape.group_series[g]);
  out += "\nseries_names";
  for (const auto& name : card.series) out += ' ' + name;
  out += "\ncontext_names";
  for (const auto& name : card.context) out += ' ' + name;
  out += "\nknots";
  for (const double knot : kPatchTstKnots) out += fmt::format(" {}", knot);
  out += fmt::format("\ncorner {}\n", kPatchTstCorner);
  for (const auto& t : patchtst_layout(card.shape)) out += fmt::format("tensor {} {} {}\n", t.name, t.rows, t.columns);
  return out + "data\n";
}

// Reads the lines that say the shape and the names; the rest of the header follows from these.
Result<PatchTstCard> parse_card(std::string_view text) {
  PatchTstCard card;
  card.shape.context_bound = 0;
  std::size_t seen = 0;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    const auto parts = words(line);
    if (parts.empty() || number == 1) continue;
    if (parts[0] == "tensor" || parts[0] == "data") break;
    const auto number_of = [&](const Field& f) { return parts.size() == 2 && to_int(parts[1], card.shape.*f.value); };
    bool readable = parts[0] != kContextBound.name || number_of(kContextBound);
    for (const Field& f : kFields) {
      if (parts[0] != f.name) continue;
      ++seen;
      readable = number_of(f);
    }
    if (!readable) {
      return fail(fmt::format("weights file, header line {}: '{}' is not a name and a number", number, line));
    }
    if (parts[0] == "group_series") {
      if (parts.size() - 1 > kPatchTstGroupsMax) return fail("weights file: more than 8 groups");
      for (std::size_t g = 1; g < parts.size(); ++g) {
        if (!to_int(parts[g], card.shape.group_series[g - 1])) return fail("weights file: group_series is no number");
      }
    } else if (parts[0] == "series_names") {
      card.series.assign(parts.begin() + 1, parts.end());
    } else if (parts[0] == "context_names") {
      card.context.assign(parts.begin() + 1, parts.end());
    }
  }
  if (seen != std::size(kFields)) return fail("weights file: the header lacks a line of the shape");
  return card;
}

}  // namespace

std::string PatchTst::serialize() const {
  std::string out = header(card_);
  const std::size_t at = out.size();
  out.resize(at + values_.size() * sizeof(float));
  std::memcpy(out.data() + at, values_.data(), values_.size() * sizeof(float));
  return out + sha256_hex(out) + "\n";
}

Result<PatchTst> PatchTst::parse(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() <= kMagic.size() || bytes[kMagic.size()] != '\n') {
    return fail(fmt::format("not a PatchTST weights file: it does not begin with '{}'", kMagic));
  }
  if (bytes.size() < kHashLength + 1 || bytes.back() != '\n')
    return fail("weights file is cut short: no hash at its end");
  const std::string_view body = bytes.substr(0, bytes.size() - kHashLength - 1);
  if (sha256_hex(body) != bytes.substr(body.size(), kHashLength)) {
    return fail("weights file is damaged or cut short: its hash does not fit its content; train again or restore it");
  }
  auto card = parse_card(body);
  if (!card) return tl::unexpected(card.error());
  if (const auto fault = patchtst_shape_fault(card->shape); !fault.empty()) return fail("weights file: " + fault);
  const std::string expected = header(*card);
  if (!body.starts_with(expected)) {
    return fail("weights file: its header is of another version of this program; train again");
  }
  const std::string_view data = body.substr(expected.size());
  std::vector<float> values(patchtst_size(card->shape));
  if (data.size() != values.size() * sizeof(float)) {
    return fail(
        fmt::format("weights file: {} bytes of numbers, {} expected", data.size(), values.size() * sizeof(float)));
  }
  std::memcpy(values.data(), data.data(), data.size());
  return make(*std::move(card), std::move(values));
}

Result<PatchTst> PatchTst::make(PatchTstCard card, std::vector<float> values) {
  const PatchTstShape& s = card.shape;
  if (const auto fault = patchtst_shape_fault(s); !fault.empty()) return fail("PatchTST: " + fault);
  if (card.series.size() != static_cast<std::size_t>(s.series()) ||
      card.context.size() != static_cast<std::size_t>(s.context)) {
    return fail("PatchTST: the names do not fit the numbers of series and context");
  }
  for (const auto* names : {&card.series, &card.context}) {
    if (const auto fault = name_fault(*names); !fault.empty()) return fail("PatchTST: " + fault);
  }
  const auto layout = patchtst_layout(s);
  if (values.size() != patchtst_size(s)) {
    return fail(fmt::format("PatchTST: {} numbers, {} expected", values.size(), patchtst_size(s)));
  }
  std::size_t at = 0;
  for (const auto& t : layout) {
    const bool divisor = t.name == "series.sd" || t.name == "context.sd";
    for (std::size_t i = 0; i < t.size(); ++i, ++at) {
      if (!std::isfinite(values[at]) || (divisor && !(values[at] > 0))) {
        return fail(fmt::format("PatchTST: tensor {} holds {} at {}", t.name, values[at], i));
      }
    }
  }
  PatchTst out;
  out.card_ = std::move(card);
  out.values_ = std::move(values);
  out.bind();
  return out;
}

void PatchTst::bind() {
  const PatchTstShape& s = card_.shape;
  const auto layout = patchtst_layout(s);
  std::size_t tensor = 0;
  const float* at = values_.data();
  auto next = [&] {
    const float* p = at;
    at += layout[tensor++].size();
    return p;
  };
  auto linear = [&](bool with_bias = true) {
    Linear l;
    l.in = layout[tensor].rows;
    l.out = layout[tensor].columns;
    l.weight = next();
    if (with_bias) l.bias = next();
    return l;
  };
  series_mean_ = next();
  series_sd_ = next();
  context_mean_ = next();
  context_sd_ = next();
  for (std::int32_t u = 0; u < s.units(); ++u) token_.push_back(linear());
  position_ = next();
  for (std::int32_t l = 0; l < s.layers; ++l) {
    Layer layer;
    layer.norm1_scale = next();
    layer.norm1_shift = next();
    layer.qkv = linear();
    layer.out = linear();
    layer.norm2_scale = next();
    layer.norm2_shift = next();
    layer.up = linear();
    layer.down = linear();
    layers_.push_back(layer);
  }
  norm_scale_ = next();
  norm_shift_ = next();
  for (std::int32_t u = 0; u < s.units(); ++u) {
    HeadUnit h;
    h.window = linear(false);
    h.context = linear(false);
    h.window.bias = next();
    h.second = linear();
    h.third = linear();
    heads_.push_back(h);
  }
}

}  // namespace voltage::forecast
