// What the tests and the fuzz target's seeds are made of: short streams as real encoders write them, a file
// made of two of them, and what can be broken in it. Made with ffmpeg 5.1 (libx264, libx265, libaom, its own
// AAC, libopus); SEI is left out of the pictures, and the marks of completeness out of the hvcC, as encoders
// do over RTMP.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/byte_writer.h"
#include "format/fmp4/fragment.h"
#include "format/fmp4/index.h"
#include "format/fmp4/init_segment.h"

namespace format::fmp4::samples {

struct Coded {
    std::int32_t composition_offset;
    bool keyframe;
    std::string_view bytes;  // hexadecimal
};

struct Stream {
    std::string_view name;
    media::Codec codec;
    std::string_view config;  // hexadecimal
    std::uint32_t timescale;
    int width = 0;
    int height = 0;
    int channels = 0;
    int sample_rate = 0;
    std::uint32_t sample_duration;
    std::optional<std::uint32_t> edit_start = std::nullopt;
    std::vector<Coded> samples;
};

inline const std::vector<Stream>& streams() {
    static const std::vector<Stream> table{
        {.name = "h264",
         .codec = media::Codec::h264,
         .config = "0164000affe100186764000aacd9847b011000000300100000030320f12259a001000768e978134b22c0fdf8"
                   "f800",
         .timescale = 90000,
         .width = 64,
         .height = 48,
         .sample_duration = 3600,
         .edit_start = 7200,
         .samples =
             {
                 {7200, true,
                  "000000c665888400677a5679ddadd7c3e1bac60ceb1f9b582adb456bef19cebfe943e1e4e2db7f386b7ac981"
                  "056fb305cd8737790f5f7214955439c2adcddcfe3cc2b7b13b082a13848044b6f90644b2c656e10a2501b45f"
                  "c347efffdcf3008ecbe3ae2f96e66e1e6f766c8dea4f6c12f5f515797e434af78c214e77117ab8bfda8de8f8"
                  "8266bd79d832d16f30cbc1420d41a1e8ea3e55aeffebc2e5a0835f3aca518046ef02a89f3aa878524b57dc01"
                  "f61921f04cfb983aece3193e2c928ac917709aae1e1042677ff9"},
                 {14400, false, "00000008419a236c467f8d80"},
                 {3600, false, "00000008419e41388cffbb81"},
                 {3600, false, "00000008019e626a467fbb80"},
                 {7200, true,
                  "0000008f6588820019ff7a41465b5bafc4e0a75d8fe6bd2e0a331d3b4178e8731a6821f7cafb37404ecf56a1"
                  "78bec9aabe835034af8ff78077f8f59fc082891bb678bed889f73f582ec81b4ff9f3e0607f1425e347fc43b7"
                  "077b048ca3ad233ff17c903e70fecc6e6b561c4f0b8688a1f0f3a3ba1484f06f05c88d6a434f8e835ca3967f"
                  "f5d02a4536371489e007edc8fc56c1"},
             }},
        {.name = "hevc",
         .codec = media::Codec::hevc,
         .config = "0101600000009000000000001ef000fcfdf8f800000f03200001001840010c01ffff01600000030090000003"
                   "000003001e959009210001002942010101600000030090000003000003001ea020831659592e4caf01680800"
                   "0003000800000300c84022000100064401c173d089",
         .timescale = 90000,
         .width = 64,
         .height = 48,
         .sample_duration = 3600,
         .edit_start = 7200,
         .samples =
             {
                 {7200, true,
                  "000000842801af0618fe8193c77a5013a0779c6f8ee89fd322f3858adacfb3de7260d88d17902abaab5b072b"
                  "85f18b653653e157fe012a3f06791abc28ba0b6e85768609fdd6fd064d756f24edf4ebcfd7f7ffc26ffdf6a1"
                  "bce69338478fefd56290846ff1cb6485ff1bcd20b8286a94010dda46bee7968240bdd686039941fb4b9dc74a"
                  "186dbfdc"},
                 {14400, false, "0000000d0201d0195f84318304fb9229c0"},
                 {7200, false, "0000000a0201e04497e183240544"},
                 {0, false, "0000000b0001e024fffa2c19600544"},
             }},
        {.name = "av1",
         .codec = media::Codec::av1,
         .config = "81000c000a0a00000002aff79b5f2008",
         .timescale = 90000,
         .width = 64,
         .height = 48,
         .sample_duration = 3600,
         .samples =
             {
                 {0, true,
                  "0a0a00000002aff79b5f200832c803140027000c300008020adc8528f5217db81941e51bd0c7541c1702aa23"
                  "c5ff8f57ff35b6e25c7831ae0eba18e45d224aa0f8b3780d9a46679ff133a0680bc2f1ee567332b2d8e03bd9"
                  "da83245e1ababbc671aa75cb3388c75f3834cd3884488483a38e6305171ba4d80ca6fc68c69718a7b0d7df0d"
                  "b52e3c2e397afbd80969fb686eecceafa45a70cfc66078fd0196801a1e80dedf525d02024c1d5ad02c61bb4d"
                  "8fd69ec2c397eb837357e6a2a99558cf7784742a55bb62edae28b880c5c9e8bf3fd0ae6a852d086d49eb5e0d"
                  "1c2bb5d26ba2b5ceb7efbec4d173832fa3c5b30b6c2bf497ede2ddc4df8bbfab80d254661abbee0cd0863172"
                  "a44d79c01fd72175f8387dd6a1bafa748cb2e67118ab05428ed8d2d6967f087beb18c73199fc53362b949418"
                  "19c2af37560babf1180d9a6bebfb2df3a8fb7cc136f1c9669a9274ffa1b3fadf4041380d91cc91a683adb123"
                  "79f00a237be30c586dd8618eb0300ffff07d8c7d552d388db7bf1fd54c2bd164fa55abf01750fb2f7fb650f0"
                  "7a11a6d148dfde9a5d7cbb758cc5f00cde3ff91eda152edbe8c0a3230ac9a47e6ea0479d8f11ca91e9efffcd"
                  "48635d51eb619d39ece5255259c6d93f98dbded65720f1a78a3fccbef37a40"},
                 {0, false, "32123201c0400000036f00186000140001009708"},
                 {0, false,
                  "324b32026080010023540018600012040100cdfef299641b6ab1f2f8dfed3fa487fe897016e1466191b956a1"
                  "0aa25f55ee8d2a6581e0a7697f53c4f67e444a28405b457e2723d24b4266c2d38a"},
             }},
        {.name = "aac",
         .codec = media::Codec::aac,
         .config = "119056e500",
         .timescale = 48000,
         .channels = 2,
         .sample_rate = 48000,
         .sample_duration = 1024,
         .edit_start = 1024,
         .samples =
             {
                 {0, true, "de02004c61766335392e33372e31303000422008c11838"},
                 {0, true, "211004608c1c"},
                 {0, true, "211004608c1c"},
                 {0, true, "211004608c1c"},
             }},
        {.name = "opus",
         .codec = media::Codec::opus,
         .config = "4f707573486561640102380180bb0000000000",
         .timescale = 48000,
         .channels = 2,
         .sample_rate = 48000,
         .sample_duration = 960,
         .edit_start = 312,
         .samples =
             {
                 {0, true, "fcfffe"},
                 {0, true, "fcfffe"},
                 {0, true, "fcfffe"},
             }},
    };
    return table;
}

inline const Stream& stream(std::string_view name) {
    return *std::find_if(streams().begin(), streams().end(), [&](const Stream& s) { return s.name == name; });
}

inline TrackDescription describe(const Stream& stream, std::uint32_t id) {
    return {.id = id,
            .codec = stream.codec,
            .config = base::SharedBytes(base::from_hex(stream.config)),
            .timescale = stream.timescale,
            .width = stream.width,
            .height = stream.height,
            .channels = stream.channels,
            .sample_rate = stream.sample_rate,
            .edit_start = stream.edit_start};
}

// `count` samples of a stream from the one numbered `first` on; their bytes go behind `payload`.
inline Run take(const Stream& stream, std::uint32_t track, std::size_t first, std::size_t count,
                base::Bytes& payload) {
    Run run{.track = track, .decode_time = first * stream.sample_duration, .samples = {}};
    for (std::size_t i = first; i < first + count; ++i) {
        const Coded& coded = stream.samples.at(i);
        const base::Bytes bytes = base::from_hex(coded.bytes);
        run.samples.push_back({.duration = stream.sample_duration,
                               .composition_offset = coded.composition_offset,
                               .size = static_cast<std::uint32_t>(bytes.size()),
                               .keyframe = coded.keyframe});
        base::append(payload, bytes);
    }
    return run;
}

// Fragments as a recording has them, and where they end.
struct File {
    base::Bytes bytes;
    std::size_t init_size = 0;
    std::vector<std::size_t> ends;

    std::size_t begin_of(std::size_t fragment) const {
        return fragment == 0 ? init_size : ends[fragment - 1];
    }
    // The bytes up to the end of that many fragments.
    base::Bytes up_to(std::size_t fragments) const {
        return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(begin_of(fragments))};
    }
};

// H.264 as track 1 and AAC as track 2, two fragments, each beginning with a keyframe.
inline const File& file() {
    static const File made = [] {
        const Stream& video = stream("h264");
        const Stream& audio = stream("aac");
        File result;
        const std::vector<TrackDescription> tracks{describe(video, 1), describe(audio, 2)};
        result.bytes = write_init(tracks).value();
        result.init_size = result.bytes.size();
        const auto fragment = [&](std::uint32_t sequence, std::size_t picture, std::size_t pictures,
                                  std::size_t sound) {
            base::Bytes payload;
            std::vector<Run> runs{take(video, 1, picture, pictures, payload)};
            runs.push_back(take(audio, 2, sound, 2, payload));
            base::append(result.bytes, write_fragment_head(sequence, runs).value());
            base::append(result.bytes, payload);
            result.ends.push_back(result.bytes.size());
        };
        fragment(1, 0, 4, 0);
        fragment(2, 4, 1, 2);
        return result;
    }();
    return made;
}

struct Broken {
    std::string_view name;
    base::Bytes bytes;
    std::size_t fragments = 0;  // of file() that are still there
    std::string_view says;      // part of the problem; empty for none
};

namespace detail {

inline base::Bytes bytes_of(std::string_view spaced_hex) {
    std::string digits;
    std::copy_if(spaced_hex.begin(), spaced_hex.end(), std::back_inserter(digits),
                 [](char c) { return c != ' '; });
    return base::from_hex(digits);
}

inline base::Bytes joined(base::Bytes bytes, std::string_view more) {
    base::append(bytes, bytes_of(more));
    return bytes;
}

// file() with bytes written over those that begin `distance` behind the type of the last box of that type.
// Such boxes stand in the second fragment or, if there are none, in the moov.
inline base::Bytes patched(std::string_view type, std::size_t distance, std::string_view hex) {
    base::Bytes bytes = file().bytes;
    const std::size_t position = base::as_text(bytes).rfind(type);
    const base::Bytes over = bytes_of(hex);
    std::copy(over.begin(), over.end(), bytes.begin() + static_cast<std::ptrdiff_t>(position + 4 + distance));
    return bytes;
}

// The same, its type.
inline base::Bytes renamed(std::string_view type, std::string_view name) {
    base::Bytes bytes = file().bytes;
    const std::size_t position = base::as_text(bytes).rfind(type);
    std::copy(name.begin(), name.end(), bytes.begin() + static_cast<std::ptrdiff_t>(position));
    return bytes;
}

inline base::Bytes with_boxes(std::size_t count) {
    base::Bytes bytes = file().up_to(1);
    for (std::size_t i = 0; i < count; ++i) base::append(bytes, bytes_of("00000008 66726565"));
    const base::Bytes& whole = file().bytes;
    bytes.insert(bytes.end(), whole.begin() + static_cast<std::ptrdiff_t>(file().begin_of(1)), whole.end());
    return bytes;
}

// A moof of so many equal trafs, without an mdat.
inline base::Bytes with_trafs(std::size_t count) {
    base::Bytes traf = bytes_of(
        "00000044 74726166  00000010 74666864 00020000 00000002"
        "00000010 74666474 00000000 00000000  0000001c 7472756e 00000301 00000001 00000000 00000001 "
        "00000000");
    base::Bytes bytes = file().up_to(1);
    base::ByteWriter writer(bytes);
    writer.u32(8 + 16 + count * traf.size()).text("moof");
    writer.bytes(bytes_of("00000010 6d666864 00000000 00000002"));
    for (std::size_t i = 0; i < count; ++i) writer.bytes(traf);
    return bytes;
}

}  // namespace detail

inline const std::vector<Broken>& broken() {
    using namespace detail;
    static const std::vector<Broken> table{
        // What a crash leaves, or a disk that lost power.
        {"nothing_wrong", file().bytes, 2, ""},
        {"empty", {}, 0, ""},
        {"zeros", base::Bytes(4096), 0, "not an MP4 file"},
        {"zeros_at_the_end", joined(file().bytes, "00000000000000000000000000000000"), 2, "no size"},
        {"one_byte_too_many", joined(file().bytes, "00"), 2, "cut off"},
        {"seven_bytes_too_many", joined(file().bytes, "00000000000000"), 2, "cut off"},
        {"half_a_long_header", joined(file().bytes, "00000001 66726565 000000"), 2, "cut off"},
        {"an_mdat_of_no_size", joined(file().bytes, "00000000 6d646174 00"), 2, "no size"},
        {"an_index_cut_off", joined(file().bytes, "00000100 6d667261 00"), 2, "cut off"},
        {"text_at_the_end", joined(file().bytes, "656e64206f6620746865207265636f7264"), 2, "cut off"},

        // Sizes.
        {"a_box_smaller_than_its_header", joined(file().bytes, "00000007 66726565"), 2, "no size"},
        {"a_long_box_smaller_than_its_header", joined(file().bytes, "00000001 66726565 000000000000000f"), 2,
         "no size"},
        {"a_box_of_all_that_can_be_said", joined(file().bytes, "00000001 66726565 ffffffffffffffff"), 2,
         "cut off"},
        {"a_box_larger_than_its_traf", patched("traf", 0, "7fffffff"), 1, "broken traf"},
        {"a_box_of_no_size_in_a_traf", patched("traf", 0, "00000000"), 1, "broken traf"},
        {"too_many_boxes_between_fragments", with_boxes(65), 1, "too many boxes"},

        // The head.
        {"not_an_mp4_file", joined({}, "474946383961 00000000"), 0, "not an MP4 file"},
        {"an_ftyp_alone", joined({}, "0000000c 66747970 69736f36"), 0, ""},
        {"a_fragment_before_its_moov", joined({}, "0000000c 66747970 69736f36 00000008 6d6f6f66"), 0,
         "before its moov"},
        {"an_empty_moov", joined({}, "0000000c 66747970 69736f36 00000008 6d6f6f76"), 0, "no track"},
        {"a_moov_without_mvex", renamed("mvex", "free"), 0, "no mvex"},
        {"a_truncated_trex", patched("mvex", 0, "0000000c 74726578 00000000 0000002c"), 0, "truncated trex"},
        {"a_mvex_of_rubbish", patched("mvex", 0, "00000003"), 0, "broken mvex"},
        {"a_track_without_timescale", patched("mdhd", 12, "00000000"), 0, "timescale"},
        {"a_track_without_id", patched("tkhd", 12, "00000000"), 0, "id"},
        {"two_tracks_of_one_id", patched("tkhd", 12, "00000001"), 0, "id"},
        {"a_second_moov", joined(file().bytes, "00000008 6d6f6f76"), 2, "second moov"},

        // Fragments.
        {"media_without_a_fragment", joined(file().bytes, "00000009 6d646174 00"), 2, "no fragment"},
        {"an_empty_moof", joined(file().up_to(1), "00000008 6d6f6f66"), 1, "nothing in its moof"},
        {"a_fragment_whose_media_does_not_follow", renamed("mdat", "free"), 1, "does not follow"},
        {"a_fragment_without_media", with_trafs(16), 1, "cut off"},
        {"too_many_runs", with_trafs(17), 1, "too many runs"},
        {"a_moof_without_mfhd", renamed("mfhd", "free"), 1, "nothing in its moof"},
        {"a_track_that_is_not_there", patched("tfhd", 4, "00000003"), 1, "has not"},
        {"offsets_from_somewhere", patched("tfhd", 0, "00000038"), 1, "not counted from its moof"},
        {"offsets_from_the_file", patched("tfhd", 0, "00020039"), 1, "not counted from its moof"},
        {"a_tfhd_of_more_than_it_holds", patched("tfhd", 0, "0002003a"), 1, "truncated tfhd"},
        {"a_traf_without_tfhd", renamed("tfhd", "free"), 1, "before its tfhd"},
        {"a_traf_without_time", renamed("tfdt", "free"), 1, "tells too little"},
        {"a_traf_without_samples", renamed("trun", "free"), 1, "tells too little"},
        {"no_samples_in_its_trun", patched("trun", 4, "00000000"), 1, "tells too little"},
        {"a_time_past_all_times", patched("tfdt", 4, "4000000000000001"), 1, "decode time"},
        {"more_samples_than_can_be", patched("trun", 4, "ffffffff"), 1, "too many samples"},
        {"more_samples_than_there_are", patched("trun", 0, "01000201"), 1, "truncated trun"},
        {"samples_before_the_media", patched("trun", 8, "00000000"), 1, "outside"},
        {"samples_before_the_fragment", patched("trun", 8, "80000000"), 1, "outside"},
        {"samples_behind_the_media", patched("trun", 8, "7fffffff"), 1, "outside"},
        {"samples_larger_than_the_media", patched("tfhd", 12, "7fffffff"), 1, "outside"},
    };
    return table;
}

}  // namespace format::fmp4::samples
