// AMF0 values, good and hostile, for tests and fuzz corpora.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/byte_writer.h"
#include "protocol/rtmp/amf0.h"

namespace protocol::rtmp {

struct AmfCase {
    std::string name;
    base::Bytes bytes;
    std::optional<AmfValue> value = {};  // what is read first
    std::optional<base::ErrorCode> error = {};
    bool same_when_written = true;
};

// `depth` arrays of one element around a null, which is the value at depth + 1.
inline base::Bytes nested_arrays(std::size_t depth) {
    base::Bytes bytes;
    for (std::size_t i = 0; i < depth; ++i) base::ByteWriter(bytes).u8(0x0a).u32(1);
    bytes.push_back(0x05);
    return bytes;
}

inline base::Bytes nested_objects(std::size_t depth) {
    base::Bytes bytes;
    for (std::size_t i = 0; i < depth; ++i) base::ByteWriter(bytes).u8(0x03).u16(1).text("o");
    bytes.push_back(0x05);
    for (std::size_t i = 0; i < depth; ++i) base::ByteWriter(bytes).u16(0).u8(0x09);
    return bytes;
}

inline base::Bytes array_of_nulls(std::size_t count) {
    base::Bytes bytes;
    base::ByteWriter(bytes).u8(0x0a).u32(count);
    bytes.resize(bytes.size() + count, 0x05);
    return bytes;
}

// Several strings of at most 65,535 bytes, `size` bytes in all, in one array.
inline base::Bytes array_of_text(std::size_t size) {
    base::Bytes bytes;
    base::ByteWriter writer(bytes);
    writer.u8(0x0a).u32((size + 9'999) / 10'000);
    for (std::size_t left = size; left > 0;) {
        const std::size_t part = std::min<std::size_t>(left, 10'000);
        writer.u8(0x02).u16(part).text(std::string(part, 'a'));
        left -= part;
    }
    return bytes;
}

inline base::Bytes long_text(std::size_t size) {
    base::Bytes bytes;
    base::ByteWriter(bytes).u8(0x0c).u32(size).text(std::string(size, 'x'));
    return bytes;
}

inline std::vector<AmfCase> amf0_cases() {
    using base::ErrorCode;
    using base::from_hex;
    AmfObject meta;
    meta.ecma_array = true;
    meta.set("width", 1280).set("stereo", true).set("encoder", "x");
    const AmfObject inner{{"a", AmfArray{{1.0, "two", AmfNull{}}}}};
    return {
        {"number", from_hex("003ff8000000000000"), 1.5},
        {"not a number", from_hex("007ff8000000000000")},
        {"true", from_hex("0101"), true},
        {"false", from_hex("0100"), false},
        {"true as 255", from_hex("01ff"), true, {}, false},
        {"string", from_hex("0200036c6976"), "liv"},
        {"empty string", from_hex("020000"), ""},
        {"null", from_hex("05"), AmfNull{}},
        {"undefined", from_hex("06"), AmfUndefined{}},
        {"unsupported marker", from_hex("0d"), AmfUndefined{}, {}, false},
        {"date", from_hex("0b40591000000000000000"), AmfDate{100.25}},
        {"date with a zone", from_hex("0b40591000000000000078"), AmfDate{100.25}, {}, false},
        {"long string", from_hex("0c000000036c6976"), "liv", {}, false},
        {"long string of 65,536", long_text(65'536), std::string(65'536, 'x')},
        {"XML", from_hex("0f000000043c612f3e"), "<a/>", {}, false},
        {"empty object", from_hex("03000009"), AmfObject{}},
        {"object",
         from_hex("03000161"
                  "0a00000003"
                  "003ff0000000000000"
                  "020003"
                  "74776f"
                  "05"
                  "000009"),
         inner},
        {"property without a name",
         from_hex("030000"
                  "05"
                  "000009"),
         AmfObject{{"", AmfNull{}}}},
        {"typed object",
         from_hex("10000143"
                  "00016105"
                  "000009"),
         AmfObject{{"a", AmfNull{}}},
         {},
         false},
        {"ECMA array",
         from_hex("0800000003"
                  "00057769647468"
                  "004094000000000000"
                  "000673746572656f"
                  "0101"
                  "0007656e636f646572"
                  "02000178"
                  "000009"),
         meta},
        {"ECMA array that declares four milliards",
         from_hex("08ffffffff"
                  "00016105"
                  "000009"),
         {},
         {},
         false},
        {"AMF3 undefined", from_hex("1100"), AmfUndefined{}, {}, false},
        {"AMF3 null", from_hex("1101"), AmfNull{}, {}, false},
        {"AMF3 false", from_hex("1102"), false, {}, false},
        {"AMF3 true", from_hex("1103"), true, {}, false},
        {"AMF3 integer", from_hex("110405"), 5.0, {}, false},
        {"AMF3 negative integer", from_hex("1104ffffffff"), -1.0, {}, false},
        {"AMF3 double", from_hex("11053ff8000000000000"), 1.5, {}, false},
        {"AMF3 string", from_hex("1106076c6976"), "liv", {}, false},
        {"arrays at the depth limit", nested_arrays(max_amf_depth - 1)},
        {"objects at the depth limit", nested_objects(max_amf_depth - 1)},
        {"values at their limit", array_of_nulls(max_amf_nodes - 1)},
        {"text at its limit", array_of_text(max_amf_text)},

        {"nothing", {}, {}, ErrorCode::malformed},
        {"number cut", from_hex("003ff80000000000"), {}, ErrorCode::malformed},
        {"boolean cut", from_hex("01"), {}, ErrorCode::malformed},
        {"string without a length", from_hex("0200"), {}, ErrorCode::malformed},
        {"string cut", from_hex("0200046c6976"), {}, ErrorCode::malformed},
        {"string with nothing behind its length", from_hex("02ffff"), {}, ErrorCode::malformed},
        {"date cut", from_hex("0b4059100000000000"), {}, ErrorCode::malformed},
        {"long string of four milliards", from_hex("0cffffffff61"), {}, ErrorCode::limit_exceeded},
        {"object without an end", from_hex("0300016105"), {}, ErrorCode::malformed},
        {"object cut in its end", from_hex("030000"), {}, ErrorCode::malformed},
        {"array of four milliards", from_hex("0affffffff05"), {}, ErrorCode::malformed},
        {"object end alone", from_hex("09"), {}, ErrorCode::malformed},
        {"movie clip", from_hex("04"), {}, ErrorCode::unsupported},
        {"reference", from_hex("070000"), {}, ErrorCode::unsupported},
        {"record set", from_hex("0e"), {}, ErrorCode::unsupported},
        {"marker 0x12", from_hex("12"), {}, ErrorCode::unsupported},
        {"AMF3 cut", from_hex("11"), {}, ErrorCode::malformed},
        {"AMF3 integer cut", from_hex("1104ffff"), {}, ErrorCode::malformed},
        {"AMF3 string cut", from_hex("1106096c6976"), {}, ErrorCode::malformed},
        {"AMF3 string reference", from_hex("110600"), {}, ErrorCode::unsupported},
        {"AMF3 object", from_hex("110a0b01"), {}, ErrorCode::unsupported},
        {"arrays past the depth limit", nested_arrays(max_amf_depth), {}, ErrorCode::limit_exceeded},
        {"objects past the depth limit", nested_objects(max_amf_depth), {}, ErrorCode::limit_exceeded},
        // The shape that ended flvmeta by exhausting its stack.
        {"70,000 arrays in one another", nested_arrays(70'000), {}, ErrorCode::limit_exceeded},
        {"values past their limit", array_of_nulls(max_amf_nodes), {}, ErrorCode::limit_exceeded},
        {"text past its limit", array_of_text(max_amf_text + 1), {}, ErrorCode::limit_exceeded},
    };
}

}  // namespace protocol::rtmp
