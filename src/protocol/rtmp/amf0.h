// AMF0 values ↔ bytes (Action Message Format 0, sections 2.2 to 2.18): what RTMP commands and data are made
// of. Everything read here comes from outside: depth, number of values and bytes of text are bounded, and a
// count that a peer declares never reserves memory. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace protocol::rtmp {

inline constexpr std::size_t max_amf_depth = 16;
inline constexpr std::size_t max_amf_nodes = 4096;
inline constexpr std::size_t max_amf_text = 64 * 1024;  // names and strings of one reader together

struct AmfNull {
    bool operator==(const AmfNull&) const = default;
};
struct AmfUndefined {
    bool operator==(const AmfUndefined&) const = default;
};
// Milliseconds since 1970 in UTC. The time zone that follows on the wire is reserved and ignored.
struct AmfDate {
    double millis = 0;
    bool operator==(const AmfDate&) const = default;
};

class AmfValue;
struct AmfProperty;

// Properties in the order of the wire; a name may stand more than once, the first one counts.
struct AmfObject {
    std::vector<AmfProperty> properties;
    // Written as an ECMA array (onMetaData), which differs from an object only on the wire.
    bool ecma_array = false;

    AmfObject() = default;
    AmfObject(std::initializer_list<AmfProperty> list);

    AmfObject& set(std::string name, AmfValue value);
    const AmfValue* find(std::string_view name) const;
    // Null or empty when there is none of that type.
    std::optional<double> number(std::string_view name) const;
    const std::string* text(std::string_view name) const;
    const AmfObject* object(std::string_view name) const;

    bool operator==(const AmfObject& other) const;
};

struct AmfArray {
    std::vector<AmfValue> values;
    bool operator==(const AmfArray& other) const;
};

class AmfValue {
  public:
    using Variant =
        std::variant<AmfUndefined, AmfNull, bool, double, std::string, AmfDate, AmfObject, AmfArray>;

    // Defined below, where what an object holds is complete.
    AmfValue() = default;
    AmfValue(AmfNull value);
    AmfValue(AmfUndefined value);
    AmfValue(bool value);
    AmfValue(double value);
    AmfValue(int value);
    AmfValue(std::uint32_t value);
    AmfValue(std::string value);
    AmfValue(std::string_view value);
    AmfValue(const char* value);
    AmfValue(AmfDate value);
    AmfValue(AmfObject value);
    AmfValue(AmfArray value);

    // Null when the value is of another type.
    const bool* boolean() const { return std::get_if<bool>(&value_); }
    const double* number() const { return std::get_if<double>(&value_); }
    const std::string* text() const { return std::get_if<std::string>(&value_); }
    const AmfObject* object() const { return std::get_if<AmfObject>(&value_); }
    const AmfArray* array() const { return std::get_if<AmfArray>(&value_); }
    bool is_nothing() const { return value_.index() < 2; }  // null or undefined

    const Variant& variant() const { return value_; }
    bool operator==(const AmfValue& other) const;

  private:
    Variant value_;
};

struct AmfProperty {
    std::string name;
    AmfValue value;
    bool operator==(const AmfProperty& other) const;
};

inline AmfValue::AmfValue(AmfNull value) : value_(value) {}
inline AmfValue::AmfValue(AmfUndefined value) : value_(value) {}
inline AmfValue::AmfValue(bool value) : value_(value) {}
inline AmfValue::AmfValue(double value) : value_(value) {}
inline AmfValue::AmfValue(int value) : value_(static_cast<double>(value)) {}
inline AmfValue::AmfValue(std::uint32_t value) : value_(static_cast<double>(value)) {}
inline AmfValue::AmfValue(std::string value) : value_(std::move(value)) {}
inline AmfValue::AmfValue(std::string_view value) : value_(std::string(value)) {}
inline AmfValue::AmfValue(const char* value) : value_(std::string(value)) {}
inline AmfValue::AmfValue(AmfDate value) : value_(value) {}
inline AmfValue::AmfValue(AmfObject value) : value_(std::move(value)) {}
inline AmfValue::AmfValue(AmfArray value) : value_(std::move(value)) {}

// Reads one value after another; the limits hold for all of them together. Errors: malformed, limit_exceeded,
// unsupported (references, record sets, AMF3 beyond its simple types).
class AmfReader {
  public:
    explicit AmfReader(base::ByteView bytes) : in_(bytes) {}

    base::Result<AmfValue> read();
    bool at_end() const { return in_.at_end(); }
    // What has not been read yet.
    base::ByteView rest() const { return in_.rest(); }

  private:
    base::Result<AmfValue> read_value(std::size_t depth);
    base::Result<AmfValue> read_properties(std::size_t depth, bool ecma_array);
    base::Result<AmfValue> read_array(std::size_t depth);
    base::Result<AmfValue> read_amf3();
    base::Result<std::string> read_text(std::size_t size);

    base::ByteReader in_;
    std::size_t nodes_ = 0;
    std::size_t text_ = 0;
};

void write_amf(base::Bytes& out, const AmfValue& value);

}  // namespace protocol::rtmp
