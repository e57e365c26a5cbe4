#include "protocol/rtmp/amf0.h"

#include "base/byte_writer.h"
#include "base/limit_hits.h"

namespace protocol::rtmp {
namespace {

using base::ErrorCode;
using base::fail;

enum Marker : std::uint8_t {
    marker_number = 0x00,
    marker_boolean = 0x01,
    marker_string = 0x02,
    marker_object = 0x03,
    marker_null = 0x05,
    marker_undefined = 0x06,
    marker_ecma_array = 0x08,
    marker_object_end = 0x09,
    marker_strict_array = 0x0a,
    marker_date = 0x0b,
    marker_long_string = 0x0c,
    marker_unsupported = 0x0d,
    marker_xml = 0x0f,
    marker_typed_object = 0x10,
    marker_avmplus = 0x11,
};

constexpr std::size_t longest_short_text = 0xffff;

tl::unexpected<base::Error> truncated() {
    return fail(ErrorCode::malformed, "an AMF0 value ends too early");
}

void write_short_text(base::ByteWriter& out, std::string_view text) {
    const std::string_view part = text.substr(0, longest_short_text);
    out.u16(part.size()).text(part);
}

void write_properties(base::Bytes& out, const AmfObject& object) {
    base::ByteWriter writer(out);
    for (const AmfProperty& property : object.properties) {
        write_short_text(writer, property.name);
        write_amf(out, property.value);
    }
    writer.u16(0).u8(marker_object_end);
}

struct ValueWriter {
    base::Bytes& out;

    void operator()(AmfUndefined) const { out.push_back(marker_undefined); }
    void operator()(AmfNull) const { out.push_back(marker_null); }
    void operator()(bool value) const { base::ByteWriter(out).u8(marker_boolean).u8(value ? 1 : 0); }
    void operator()(double value) const { base::ByteWriter(out).u8(marker_number).f64(value); }
    void operator()(AmfDate value) const { base::ByteWriter(out).u8(marker_date).f64(value.millis).u16(0); }
    void operator()(const std::string& value) const {
        base::ByteWriter writer(out);
        if (value.size() <= longest_short_text) {
            writer.u8(marker_string);
            write_short_text(writer, value);
        } else {
            writer.u8(marker_long_string).u32(value.size()).text(value);
        }
    }
    void operator()(const AmfObject& value) const {
        base::ByteWriter writer(out);
        if (value.ecma_array)
            writer.u8(marker_ecma_array).u32(value.properties.size());
        else
            writer.u8(marker_object);
        write_properties(out, value);
    }
    void operator()(const AmfArray& value) const {
        base::ByteWriter(out).u8(marker_strict_array).u32(value.values.size());
        for (const AmfValue& element : value.values) write_amf(out, element);
    }
};

}  // namespace

AmfObject::AmfObject(std::initializer_list<AmfProperty> list) : properties(list) {}

AmfObject& AmfObject::set(std::string name, AmfValue value) {
    properties.push_back({std::move(name), std::move(value)});
    return *this;
}

const AmfValue* AmfObject::find(std::string_view name) const {
    for (const AmfProperty& property : properties)
        if (property.name == name) return &property.value;
    return nullptr;
}

std::optional<double> AmfObject::number(std::string_view name) const {
    const AmfValue* value = find(name);
    if (!value || !value->number()) return std::nullopt;
    return *value->number();
}

const std::string* AmfObject::text(std::string_view name) const {
    const AmfValue* value = find(name);
    return value ? value->text() : nullptr;
}

const AmfObject* AmfObject::object(std::string_view name) const {
    const AmfValue* value = find(name);
    return value ? value->object() : nullptr;
}

// Written out, because clang 14 does not survive defaulted comparisons of types that contain each other.
bool AmfObject::operator==(const AmfObject& other) const {
    return ecma_array == other.ecma_array && properties == other.properties;
}
bool AmfArray::operator==(const AmfArray& other) const {
    return values == other.values;
}
bool AmfProperty::operator==(const AmfProperty& other) const {
    return name == other.name && value == other.value;
}
bool AmfValue::operator==(const AmfValue& other) const {
    return value_ == other.value_;
}

base::Result<AmfValue> AmfReader::read() {
    return read_value(1);
}

// `depth` is 1 for a value that stands alone. Section 2.1.
base::Result<AmfValue> AmfReader::read_value(std::size_t depth) {
    if (depth > max_amf_depth) return base::past_limit("amf_depth", "AMF0 values are nested too deeply");
    if (++nodes_ > max_amf_nodes) return base::past_limit("amf_nodes", "too many AMF0 values in one message");

    const auto text_of = [this](std::size_t size) -> base::Result<AmfValue> {
        auto text = read_text(size);
        if (!text) return fail(std::move(text.error()));
        return AmfValue(std::move(*text));
    };

    const std::uint8_t marker = in_.u8();
    if (in_.failed()) return truncated();
    switch (marker) {
        case marker_number: {
            const double number = in_.f64();
            if (in_.failed()) return truncated();
            return AmfValue(number);
        }
        case marker_boolean: {
            const bool boolean = in_.u8() != 0;
            if (in_.failed()) return truncated();
            return AmfValue(boolean);
        }
        case marker_string:
            return text_of(in_.u16());
        case marker_long_string:
        case marker_xml:
            return text_of(in_.u32());
        case marker_null:
            return AmfValue(AmfNull{});
        case marker_undefined:
        case marker_unsupported:
            return AmfValue(AmfUndefined{});
        case marker_date: {
            const double millis = in_.f64();
            in_.skip(2);
            if (in_.failed()) return truncated();
            return AmfValue(AmfDate{millis});
        }
        case marker_object:
            return read_properties(depth, false);
        case marker_typed_object: {
            // The class means nothing to us; what it carries is an object's.
            if (auto name = read_text(in_.u16()); !name) return fail(std::move(name.error()));
            return read_properties(depth, false);
        }
        case marker_ecma_array:
            in_.skip(4);  // a count that many writers get wrong; the end marker counts
            return read_properties(depth, true);
        case marker_strict_array:
            return read_array(depth);
        case marker_avmplus:
            return read_amf3();
        case marker_object_end:
            return fail(ErrorCode::malformed, "an AMF0 object ends where none began");
        default:
            return fail(ErrorCode::unsupported, "AMF0 type " + std::to_string(marker) + " is not supported");
    }
}

// Sections 2.5 and 2.10.
base::Result<AmfValue> AmfReader::read_properties(std::size_t depth, bool ecma_array) {
    AmfObject object;
    object.ecma_array = ecma_array;
    while (true) {
        auto name = read_text(in_.u16());
        if (!name) return fail(std::move(name.error()));
        if (name->empty() && !in_.at_end() && in_.rest().front() == marker_object_end) {
            in_.skip(1);
            return AmfValue(std::move(object));
        }
        auto value = read_value(depth + 1);
        if (!value) return value;
        object.properties.push_back({std::move(*name), std::move(*value)});
    }
}

// Section 2.12.
base::Result<AmfValue> AmfReader::read_array(std::size_t depth) {
    const std::uint32_t count = in_.u32();
    if (in_.failed()) return truncated();
    AmfArray array;
    for (std::uint32_t i = 0; i < count; ++i) {
        auto value = read_value(depth + 1);
        if (!value) return value;
        array.values.push_back(std::move(*value));
    }
    return AmfValue(std::move(array));
}

// AMF3 (sections 3.2 to 3.8 of its specification), as far as commands of AMF3 peers use it for single
// arguments.
base::Result<AmfValue> AmfReader::read_amf3() {
    const auto read_u29 = [this] {
        std::uint32_t value = 0;
        for (int i = 0; i < 3; ++i) {
            const std::uint8_t byte = in_.u8();
            value = value << 7 | (byte & 0x7f);
            if ((byte & 0x80) == 0) return value;
        }
        return value << 8 | in_.u8();
    };
    const std::uint8_t marker = in_.u8();
    if (in_.failed()) return truncated();
    switch (marker) {
        case 0x00:
            return AmfValue(AmfUndefined{});
        case 0x01:
            return AmfValue(AmfNull{});
        case 0x02:
            return AmfValue(false);
        case 0x03:
            return AmfValue(true);
        case 0x04: {
            // 29 bits of two's complement.
            const std::int32_t number = static_cast<std::int32_t>(read_u29() << 3) >> 3;
            if (in_.failed()) return truncated();
            return AmfValue(static_cast<double>(number));
        }
        case 0x05: {
            const double number = in_.f64();
            if (in_.failed()) return truncated();
            return AmfValue(number);
        }
        case 0x06: {
            const std::uint32_t head = read_u29();
            if ((head & 1) == 0) return fail(ErrorCode::unsupported, "AMF3 references are not supported");
            auto text = read_text(head >> 1);
            if (!text) return fail(std::move(text.error()));
            return AmfValue(std::move(*text));
        }
        default:
            return fail(ErrorCode::unsupported, "AMF3 type " + std::to_string(marker) + " is not supported");
    }
}

base::Result<std::string> AmfReader::read_text(std::size_t size) {
    if (in_.failed()) return truncated();
    if (size > max_amf_text - text_)
        return base::past_limit("amf_text_bytes", "too much AMF0 text in one message");
    const base::ByteView bytes = in_.take(size);
    if (in_.failed()) return truncated();
    text_ += size;
    return std::string(base::as_text(bytes));
}

void write_amf(base::Bytes& out, const AmfValue& value) {
    std::visit(ValueWriter{out}, value.variant());
}

}  // namespace protocol::rtmp
