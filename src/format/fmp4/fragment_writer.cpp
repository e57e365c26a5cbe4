#include <algorithm>

#include "format/fmp4/box.h"
#include "format/fmp4/fragment.h"
#include "format/fmp4/sample_flags.h"

// Section numbers are those of ISO/IEC 14496-12.
namespace format::fmp4 {
namespace {

using base::Bytes;
using base::ByteWriter;
using base::ErrorCode;

constexpr std::size_t mdat_header_size = 8;

std::uint32_t flags_of(const Sample& sample) {
    return sample.keyframe ? sample_flags::keyframe : sample_flags::dependent;
}

// Which fields a run says once, in its tfhd, and which for each sample, in its trun.
struct Fields {
    std::uint32_t tfhd = tfhd_flags::default_base_is_moof;
    std::uint32_t trun = trun_flags::data_offset;

    bool once(std::uint32_t flag) const { return (tfhd & flag) != 0; }
    bool each(std::uint32_t flag) const { return (trun & flag) != 0; }
};

Fields choose_fields(std::span<const Sample> samples) {
    Fields fields;
    const Sample& first = samples.front();
    const auto all = [](std::span<const Sample> of, auto same) {
        return std::all_of(of.begin(), of.end(), same);
    };
    const bool same_duration = all(samples, [&](const Sample& s) { return s.duration == first.duration; });
    const bool same_size = all(samples, [&](const Sample& s) { return s.size == first.size; });
    fields.tfhd |= same_duration ? tfhd_flags::default_duration : 0;
    fields.trun |= same_duration ? 0 : trun_flags::duration;
    fields.tfhd |= same_size ? tfhd_flags::default_size : 0;
    fields.trun |= same_size ? 0 : trun_flags::size;

    // A group of pictures: a keyframe, and then none.
    const Sample& second = samples[std::min<std::size_t>(1, samples.size() - 1)];
    if (all(samples.subspan(1), [&](const Sample& s) { return s.keyframe == second.keyframe; })) {
        fields.tfhd |= tfhd_flags::default_flags;
        fields.trun |= first.keyframe != second.keyframe ? trun_flags::first_sample_flags : 0;
    } else {
        fields.trun |= trun_flags::flags;
    }
    const bool in_order = all(samples, [](const Sample& s) { return s.composition_offset == 0; });
    fields.trun |= in_order ? 0 : trun_flags::composition_offset;
    return fields;
}

// 8.8.8. `data_offset` is where the offset of the run's first byte stands, to be filled in once it is known.
void write_trun(Bytes& out, const Run& run, const Fields& fields, std::size_t& data_offset) {
    constexpr std::uint8_t signed_offsets = 1;
    write_full_box(out, box_type("trun"), signed_offsets, fields.trun, [&](ByteWriter& box) {
        box.u32(run.samples.size());
        data_offset = out.size();
        box.u32(0);
        if (fields.each(trun_flags::first_sample_flags)) box.u32(flags_of(run.samples.front()));
        for (const Sample& sample : run.samples) {
            if (fields.each(trun_flags::duration)) box.u32(sample.duration);
            if (fields.each(trun_flags::size)) box.u32(sample.size);
            if (fields.each(trun_flags::flags)) box.u32(flags_of(sample));
            if (fields.each(trun_flags::composition_offset))
                box.u32(static_cast<std::uint32_t>(sample.composition_offset));
        }
    });
}

void write_traf(Bytes& out, const Run& run, std::size_t& data_offset) {
    constexpr std::uint8_t wide_time = 1;
    const Fields fields = choose_fields(run.samples);
    write_box(out, box_type("traf"), [&](ByteWriter&) {
        write_full_box(out, box_type("tfhd"), 0, fields.tfhd, [&](ByteWriter& box) {  // 8.8.7
            box.u32(run.track);
            if (fields.once(tfhd_flags::default_duration)) box.u32(run.samples.front().duration);
            if (fields.once(tfhd_flags::default_size)) box.u32(run.samples.front().size);
            if (fields.once(tfhd_flags::default_flags)) box.u32(flags_of(run.samples.back()));
        });
        write_full_box(out, box_type("tfdt"), wide_time, 0,
                       [&](ByteWriter& box) { box.u64(run.decode_time); });  // 8.8.12
        write_trun(out, run, fields, data_offset);
    });
}

std::uint64_t payload_size(const Run& run) {
    std::uint64_t size = 0;
    for (const Sample& sample : run.samples) size += sample.size;
    return size;
}

base::Result<> check(std::span<const Run> runs) {
    std::size_t samples = 0;
    if (runs.empty()) return base::fail(ErrorCode::invalid_argument, "a fragment without runs");
    for (const Run& run : runs) {
        samples += run.samples.size();
        if (run.samples.empty()) return base::fail(ErrorCode::invalid_argument, "a run without samples");
        if (run.decode_time > max_decode_time)
            return base::fail(ErrorCode::invalid_argument, "a decode time that cannot be");
    }
    if (runs.size() > max_fragment_runs || samples > max_fragment_samples)
        return base::fail(ErrorCode::limit_exceeded, "too many samples for one MP4 fragment");
    return {};
}

}  // namespace

base::Result<Bytes> write_fragment_head(std::uint32_t sequence, std::span<const Run> runs) {
    if (auto ok = check(runs); !ok) return base::fail(std::move(ok.error()));
    Bytes out;
    std::vector<std::size_t> data_offsets(runs.size());
    write_box(out, box_type("moof"), [&](ByteWriter&) {
        write_full_box(out, box_type("mfhd"), 0, 0, [&](ByteWriter& box) { box.u32(sequence); });
        for (std::size_t i = 0; i < runs.size(); ++i) write_traf(out, runs[i], data_offsets[i]);
    });

    const std::uint64_t payload_begin = out.size() + mdat_header_size;
    std::uint64_t position = payload_begin;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        overwrite_u32(out, data_offsets[i], static_cast<std::size_t>(position));
        position += payload_size(runs[i]);
        if (position > max_fragment_size)
            return base::fail(ErrorCode::limit_exceeded, "an MP4 fragment of more than 2 GiB");
    }
    ByteWriter(out).u32(position - payload_begin + mdat_header_size).u32(box_type("mdat"));
    return out;
}

}  // namespace format::fmp4
