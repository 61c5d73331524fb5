#include "io/parquet_file.hpp"

#include <zlib.h>

#include <bit>
#include <cmath>
#include <utility>

#include "base/check.hpp"

namespace voltage::io {
namespace {

constexpr const char* kMagic = "PAR1";

// Thrift's compact protocol, as far as a footer and a page header need it.
class Thrift {
 public:
  Thrift& integer(int field, std::int64_t value, bool wide) {
    begin_field(field, wide ? 6 : 5);
    zigzag(value);
    return *this;
  }
  Thrift& i32(int field, std::int64_t value) { return integer(field, value, false); }
  Thrift& i64(int field, std::int64_t value) { return integer(field, value, true); }
  Thrift& text(int field, std::string_view value) {
    begin_field(field, 8);
    bytes(value);
    return *this;
  }
  Thrift& boolean(int field, bool value) {
    begin_field(field, value ? 1 : 2);
    return *this;
  }
  Thrift& begin(int field) {  // a struct
    begin_field(field, 12);
    return begin();
  }
  Thrift& begin() {
    outer_.push_back(last_);
    last_ = 0;
    return *this;
  }
  Thrift& end() {
    out_ += '\0';
    last_ = outer_.back();
    outer_.pop_back();
    return *this;
  }
  Thrift& list(int field, int type, std::size_t size) {
    begin_field(field, 9);
    if (size < 15) {
      out_ += static_cast<char>((size << 4) | static_cast<std::size_t>(type));
    } else {
      out_ += static_cast<char>(0xF0 | type);
      varint(size);
    }
    return *this;
  }
  void bytes(std::string_view value) {
    varint(value.size());
    out_ += value;
  }
  void zigzag(std::int64_t v) { varint((static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63)); }
  std::string take() {
    out_ += '\0';
    return std::move(out_);
  }

 private:
  void begin_field(int field, int type) {
    CHECK(field > last_ && field - last_ <= 15);
    out_ += static_cast<char>(((field - last_) << 4) | type);
    last_ = field;
  }
  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) out_ += static_cast<char>((v & 0x7F) | 0x80);
    out_ += static_cast<char>(v);
  }

  std::string out_;
  int last_{0};
  std::vector<int> outer_;
};

// Numbers of the format: Type, Encoding, CompressionCodec, ConvertedType.
constexpr int kInt64 = 2, kDouble = 5, kByteArray = 6;
constexpr int kPlain = 0, kRle = 3;
constexpr int kGzip = 2;
constexpr int kUtf8 = 0;
constexpr int kListOfStructs = 12, kListOfI32 = 5, kListOfText = 8;

int physical(ColumnType type) {
  return type == ColumnType::number ? kDouble : type == ColumnType::text ? kByteArray : kInt64;
}

void put_le(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

// Which cells are there: their length, then one run of bits, eight to a byte.
std::string levels(const std::vector<std::uint8_t>& present) {
  std::string bits;
  const std::size_t groups = (present.size() + 7) / 8;
  for (std::uint64_t head = (groups << 1) | 1;; head >>= 7) {
    bits += static_cast<char>(head >= 0x80 ? (head & 0x7F) | 0x80 : head);
    if (head < 0x80) break;
  }
  for (std::size_t g = 0; g < groups; ++g) {
    unsigned byte = 0;
    for (std::size_t i = 8 * g; i < std::min(present.size(), 8 * g + 8); ++i) byte |= unsigned{present[i]} << (i % 8);
    bits += static_cast<char>(byte);
  }
  std::string out;
  put_le(out, bits.size(), 4);
  return out + bits;
}

// Empty if zlib failed.
std::string gzip(const std::string& plain) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(plain.size())), '\0');
  std::string in = plain;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(done ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace

ParquetFile::ParquetFile(AtomicFile file, std::vector<Column> columns)
    : file_{std::move(file)}, columns_{std::move(columns)}, pending_(columns_.size()) {
  write(kMagic);
}

Result<ParquetFile> ParquetFile::create(const std::string& path, std::vector<Column> columns) {
  CHECK(!columns.empty());
  auto file = AtomicFile::create(path);
  if (!file) return tl::unexpected(file.error());
  return ParquetFile{std::move(*file), std::move(columns)};
}

ParquetFile::Pending& ParquetFile::next(ColumnType type) {
  CHECK(columns_[column_].type == type);
  pending_[column_].present.push_back(1);
  return pending_[column_];
}

void ParquetFile::end_cell() {
  if (++column_ < columns_.size()) return;
  column_ = 0;
  if (pending_.front().present.size() == kGroupRows) write_group();
}

ParquetFile& ParquetFile::integer(std::int64_t value) {
  put_le(next(ColumnType::integer).values, static_cast<std::uint64_t>(value), 8);
  end_cell();
  return *this;
}

ParquetFile& ParquetFile::number(double value) {
  if (std::isnan(value)) return null();
  put_le(next(ColumnType::number).values, std::bit_cast<std::uint64_t>(value), 8);
  end_cell();
  return *this;
}

ParquetFile& ParquetFile::text(std::string_view value) {
  auto& values = next(ColumnType::text).values;
  put_le(values, value.size(), 4);
  values += value;
  end_cell();
  return *this;
}

ParquetFile& ParquetFile::time(Time value) {
  put_le(next(ColumnType::time).values, static_cast<std::uint64_t>(value.ns), 8);
  end_cell();
  return *this;
}

ParquetFile& ParquetFile::null() {
  pending_[column_].present.push_back(0);
  end_cell();
  return *this;
}

void ParquetFile::write(std::string_view bytes) {
  file_.write(bytes);
  written_ += static_cast<std::int64_t>(bytes.size());
}

void ParquetFile::write_group() {
  Group group;
  group.rows = static_cast<std::int64_t>(pending_.front().present.size());
  for (auto& cells : pending_) {
    const std::string page = levels(cells.present) + cells.values;
    const std::string packed = gzip(page);
    packed_ = packed_ && !packed.empty();
    Thrift header;
    header.i32(1, 0)
        .i32(2, static_cast<std::int64_t>(page.size()))
        .i32(3, static_cast<std::int64_t>(packed.size()))
        .begin(5)
        .i32(1, group.rows)
        .i32(2, kPlain)
        .i32(3, kRle)
        .i32(4, kRle)
        .end();
    const std::string head = header.take();
    const auto length = static_cast<std::int64_t>(head.size());
    group.chunks.push_back({written_, group.rows, length + static_cast<std::int64_t>(page.size()),
                            length + static_cast<std::int64_t>(packed.size())});
    write(head);
    write(packed);
    cells = {};
  }
  groups_.push_back(std::move(group));
}

std::string ParquetFile::footer() const {
  Thrift t;
  t.i32(1, 1).list(2, kListOfStructs, columns_.size() + 1);
  t.begin().text(4, "table").i32(5, static_cast<std::int64_t>(columns_.size())).end();
  for (const auto& c : columns_) {
    t.begin().i32(1, physical(c.type)).i32(3, 1).text(4, c.name);
    if (c.type == ColumnType::text) t.i32(6, kUtf8).begin(10).begin(1).end().end();
    if (c.type == ColumnType::time) t.begin(10).begin(8).boolean(1, true).begin(2).begin(3).end().end().end().end();
    t.end();
  }
  std::int64_t rows = 0;
  for (const auto& g : groups_) rows += g.rows;
  t.i64(3, rows).list(4, kListOfStructs, groups_.size());
  for (const auto& g : groups_) {
    std::int64_t size = 0;
    t.begin().list(1, kListOfStructs, g.chunks.size());
    for (std::size_t i = 0; i < g.chunks.size(); ++i) {
      const Chunk& c = g.chunks[i];
      t.begin().i64(2, c.offset).begin(3).i32(1, physical(columns_[i].type)).list(2, kListOfI32, 2);
      t.zigzag(kPlain);
      t.zigzag(kRle);
      t.list(3, kListOfText, 1);
      t.bytes(columns_[i].name);
      t.i32(4, kGzip).i64(5, c.values).i64(6, c.plain).i64(7, c.packed).i64(9, c.offset).end().end();
      size += c.plain;
    }
    t.i64(2, size).i64(3, g.rows).end();
  }
  t.text(6, "voltage");
  return t.take();
}

Status ParquetFile::commit() {
  CHECK(column_ == 0);
  if (!pending_.front().present.empty()) write_group();
  if (!packed_) return fail("the table can't be compressed: out of memory");
  const std::string foot = footer();
  write(foot);
  std::string tail;
  put_le(tail, foot.size(), 4);
  write(tail + kMagic);
  return file_.commit();
}

}  // namespace voltage::io
