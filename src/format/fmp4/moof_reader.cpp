#include "format/fmp4/moof_reader.h"

#include <algorithm>
#include <limits>
#include <string>

#include "format/fmp4/box.h"
#include "format/fmp4/fragment.h"
#include "format/fmp4/sample_flags.h"

// Section numbers are those of ISO/IEC 14496-12.
namespace format::fmp4 {
namespace {

using base::ByteReader;
using base::ByteView;
using base::ErrorCode;

tl::unexpected<base::Error> malformed(const char* what) {
    return base::fail(ErrorCode::malformed, std::string("an MP4 fragment with ") + what);
}

// What a traf's tfhd says of its samples, or trex for it.
struct Defaults {
    std::uint32_t duration = 0;
    std::uint32_t size = 0;
    std::uint32_t flags = 0;
};

class MoofReader {
  public:
    explicit MoofReader(std::span<const MovieTrack> tracks) : tracks_(tracks) {}

    base::Result<Moof> read(ByteView content) {
        moof_.payload_begin = std::numeric_limits<std::int64_t>::max();
        bool has_header = false;
        BoxReader boxes(content);
        while (const auto box = boxes.next()) {
            if (box->type == box_type("mfhd")) {
                if (auto ok = read_mfhd(box->body); !ok) return base::fail(std::move(ok.error()));
                has_header = true;
            } else if (box->type == box_type("traf")) {
                if (auto ok = read_traf(box->body); !ok) return base::fail(std::move(ok.error()));
            }
        }
        if (boxes.failed()) return malformed("a broken moof");
        if (!has_header || moof_.runs.empty()) return malformed("nothing in its moof");
        return std::move(moof_);
    }

  private:
    base::Result<> read_mfhd(ByteView body) {  // 8.8.5
        ByteReader reader(body);
        read_full_box_header(reader);
        moof_.sequence = reader.u32();
        if (reader.failed()) return malformed("a truncated mfhd");
        return {};
    }

    base::Result<> read_traf(ByteView traf) {  // 8.8.6
        if (moof_.runs.size() == max_fragment_runs)
            return base::fail(ErrorCode::limit_exceeded, "an MP4 fragment with too many runs");
        RecordedRun run;
        Defaults defaults;
        bool has_header = false;
        bool has_time = false;
        BoxReader boxes(traf);
        while (const auto box = boxes.next()) {
            base::Result<> ok;
            if (box->type == box_type("tfhd")) {
                ok = read_tfhd(box->body, run, defaults);
                has_header = true;
            } else if (box->type == box_type("tfdt")) {
                ok = read_tfdt(box->body, run);
                has_time = true;
            } else if (box->type == box_type("trun")) {
                if (!has_header) return malformed("a trun before its tfhd");
                ok = read_trun(box->body, run, defaults);
            }
            if (!ok) return ok;
        }
        if (boxes.failed()) return malformed("a broken traf");
        if (!has_header || !has_time || run.samples == 0) return malformed("a traf that tells too little");
        moof_.runs.push_back(run);
        return {};
    }

    base::Result<> read_tfhd(ByteView body, RecordedRun& run, Defaults& defaults) {  // 8.8.7
        ByteReader reader(body);
        const std::uint32_t flags = read_full_box_header(reader).flags;
        run.track = reader.u32();
        const auto is_it = [&](const MovieTrack& track) { return track.track.id == run.track; };
        const auto track = std::find_if(tracks_.begin(), tracks_.end(), is_it);
        if (reader.failed() || track == tracks_.end()) return malformed("a track that its file has not");
        if ((flags & tfhd_flags::base_data_offset) || !(flags & tfhd_flags::default_base_is_moof))
            return base::fail(ErrorCode::unsupported,
                              "an MP4 fragment whose offsets are not counted from its moof");
        defaults = {track->default_duration, track->default_size, track->default_flags};
        if (flags & tfhd_flags::sample_description) reader.skip(4);
        if (flags & tfhd_flags::default_duration) defaults.duration = reader.u32();
        if (flags & tfhd_flags::default_size) defaults.size = reader.u32();
        if (flags & tfhd_flags::default_flags) defaults.flags = reader.u32();
        if (reader.failed()) return malformed("a truncated tfhd");
        return {};
    }

    base::Result<> read_tfdt(ByteView body, RecordedRun& run) {  // 8.8.12
        ByteReader reader(body);
        const bool wide = read_full_box_header(reader).version == 1;
        run.decode_time = wide ? reader.u64() : reader.u32();
        if (reader.failed() || run.decode_time > max_decode_time)
            return malformed("an impossible decode time");
        return {};
    }

    base::Result<> read_trun(ByteView body, RecordedRun& run, const Defaults& defaults) {  // 8.8.8
        ByteReader reader(body);
        const FullBoxHeader header = read_full_box_header(reader);
        const auto has = [&](std::uint32_t flag) { return (header.flags & flag) != 0; };
        const std::uint32_t count = reader.u32();
        std::uint32_t first_flags = defaults.flags;
        if (has(trun_flags::data_offset)) next_byte_ = static_cast<std::int32_t>(reader.u32());
        if (has(trun_flags::first_sample_flags)) first_flags = reader.u32();
        if (reader.failed()) return malformed("a truncated trun");
        if (count > max_fragment_samples - samples_)
            return base::fail(ErrorCode::limit_exceeded, "an MP4 fragment with too many samples");
        samples_ += count;

        const std::int64_t begin = next_byte_;
        for (std::uint32_t i = 0; i < count; ++i) {
            run.duration += has(trun_flags::duration) ? reader.u32() : defaults.duration;
            next_byte_ += has(trun_flags::size) ? reader.u32() : defaults.size;
            std::uint32_t flags = i == 0 ? first_flags : defaults.flags;
            if (has(trun_flags::flags)) flags = reader.u32();
            std::int64_t offset = 0;
            if (has(trun_flags::composition_offset)) {
                const std::uint32_t bits = reader.u32();
                offset = header.version == 0 ? std::int64_t{bits} : static_cast<std::int32_t>(bits);
            }
            if (reader.failed()) return malformed("a truncated trun");
            if (run.samples++ > 0) continue;
            run.starts_with_keyframe = (flags & sample_flags::non_sync) == 0;
            run.composition_offset = offset;
        }
        if (count == 0) return {};
        moof_.payload_begin = std::min(moof_.payload_begin, begin);
        moof_.payload_end = std::max(moof_.payload_end, next_byte_);
        return {};
    }

    std::span<const MovieTrack> tracks_;
    Moof moof_;
    std::size_t samples_ = 0;
    // A trun that says no offset goes on where the one before it ended.
    std::int64_t next_byte_ = 0;
};

}  // namespace

base::Result<Moof> read_moof(ByteView content, std::span<const MovieTrack> tracks) {
    return MoofReader(tracks).read(content);
}

}  // namespace format::fmp4
