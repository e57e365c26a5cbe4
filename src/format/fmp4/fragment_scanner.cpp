#include "format/fmp4/fragment_scanner.h"

#include <algorithm>
#include <string>

#include "format/fmp4/box.h"

namespace format::fmp4 {
namespace {

using base::ByteReader;
using base::ByteView;
using base::ErrorCode;

constexpr std::uint64_t short_header = 8;
constexpr std::uint64_t long_header = 16;

base::Error malformed(const char* text) {
    return {ErrorCode::malformed, text};
}

const char* const cut_off = "the last box of an MP4 file is cut off";

}  // namespace

FragmentScanner::FragmentScanner(std::uint64_t file_size) : file_size_(file_size) {
    want_header();
}

std::optional<RecordedFragment> FragmentScanner::take(ByteView bytes) {
    if (!wanted_) return std::nullopt;
    const std::size_t wanted = wanted_->size;
    wanted_.reset();
    if (bytes.size() < wanted) {
        stop(malformed("an MP4 file ends before it was said to"));
        return std::nullopt;
    }
    bytes = bytes.first(wanted);
    switch (state_) {
        case State::header:
            return on_header(bytes);
        case State::moov:
            on_moov(bytes);
            break;
        case State::moof:
            on_moof(bytes);
            break;
    }
    return std::nullopt;
}

void FragmentScanner::want_header() {
    state_ = State::header;
    const std::uint64_t left = file_size_ - position_;
    if (left == 0 && !moof_) return;
    if (left < short_header) return stop(malformed(cut_off));
    wanted_ = {position_, static_cast<std::size_t>(std::min(left, long_header))};
}

void FragmentScanner::want_content(State state, const Header& header) {
    state_ = state;
    box_size_ = header.size;
    wanted_ = {position_ + header.header_size, static_cast<std::size_t>(header.size - header.header_size)};
}

// ISO/IEC 14496-12, 4.2.
base::Result<FragmentScanner::Header> FragmentScanner::read_header(ByteView bytes) const {
    ByteReader reader(bytes);
    Header header;
    header.size = reader.u32();
    header.type = reader.u32();
    header.header_size = short_header;
    if (position_ == 0 && header.type != box_type("ftyp")) return base::fail(malformed("not an MP4 file"));
    // Such a box reaches to the file's end, wherever a crash put that. Zeros that were never written look the
    // same.
    if (header.size == 0) return base::fail(malformed("an MP4 file with a box of no size"));
    if (header.size == 1) {
        header.size = reader.u64();
        header.header_size = long_header;
        if (reader.failed()) return base::fail(malformed(cut_off));
    }
    if (header.size < header.header_size) return base::fail(malformed("an MP4 file with a box of no size"));
    if (header.size > file_size_ - position_) return base::fail(malformed(cut_off));
    return header;
}

std::optional<RecordedFragment> FragmentScanner::on_header(ByteView bytes) {
    const auto header = read_header(bytes);
    if (!header) {
        stop(header.error());
        return std::nullopt;
    }
    if (moof_) {
        auto fragment = complete(*header);
        if (!fragment) {
            stop(std::move(fragment.error()));
            return std::nullopt;
        }
        want_header();
        return std::move(*fragment);
    }
    if (auto ok = pass(*header); !ok) stop(std::move(ok.error()));
    return std::nullopt;
}

// Any box but the mdat of a fragment.
base::Result<> FragmentScanner::pass(const Header& header) {
    switch (header.type) {
        case box_type("moov"):
            if (!tracks_.empty()) return base::fail(malformed("an MP4 file with a second moov"));
            if (header.size > max_moov_size)
                return base::fail(ErrorCode::limit_exceeded, "an MP4 file whose moov is too large");
            want_content(State::moov, header);
            return {};
        case box_type("moof"):
            if (tracks_.empty()) return base::fail(malformed("an MP4 fragment before its moov"));
            if (header.size > max_moof_size)
                return base::fail(ErrorCode::limit_exceeded, "an MP4 file with a moof that is too large");
            want_content(State::moof, header);
            return {};
        case box_type("mdat"):
            return base::fail(malformed("an MP4 file with media that no fragment tells of"));
        default:
            break;
    }
    if (++skipped_ > max_skipped_boxes)
        return base::fail(ErrorCode::limit_exceeded, "an MP4 file with too many boxes between its fragments");
    position_ += header.size;
    has_index_ = header.type == box_type("mfra") && position_ == file_size_ && !tracks_.empty();
    want_header();
    return {};
}

void FragmentScanner::on_moov(ByteView content) {
    auto tracks = read_moov(content);
    if (!tracks) return stop(std::move(tracks.error()));
    tracks_ = std::move(*tracks);
    for (const MovieTrack& track : tracks_) recorded_tracks_.push_back(track.track);
    position_ += box_size_;
    init_size_ = end_ = position_;
    skipped_ = 0;
    want_header();
}

void FragmentScanner::on_moof(ByteView content) {
    auto moof = read_moof(content, tracks_);
    if (!moof) return stop(std::move(moof.error()));
    moof_ = std::move(*moof);
    moof_position_ = position_;
    position_ += box_size_;
    want_header();
}

base::Result<RecordedFragment> FragmentScanner::complete(const Header& mdat) {
    if (mdat.type != box_type("mdat"))
        return base::fail(malformed("an MP4 fragment whose media does not follow it"));
    // What is read of a file fits into 63 bits: no file system has larger ones.
    const std::uint64_t payload_begin = position_ - moof_position_ + mdat.header_size;
    const std::uint64_t payload_end = position_ - moof_position_ + mdat.size;
    if (moof_->payload_begin < 0 || static_cast<std::uint64_t>(moof_->payload_begin) < payload_begin ||
        static_cast<std::uint64_t>(moof_->payload_end) > payload_end)
        return base::fail(malformed("an MP4 fragment whose samples lie outside it"));
    position_ += mdat.size;
    end_ = position_;
    skipped_ = 0;
    RecordedFragment fragment{.sequence = moof_->sequence,
                              .offset = moof_position_,
                              .size = position_ - moof_position_,
                              .runs = std::move(moof_->runs)};
    moof_.reset();
    return fragment;
}

void FragmentScanner::stop(base::Error error) {
    problem_ = std::move(error);
    moof_.reset();
    wanted_.reset();
}

}  // namespace format::fmp4
