// Finds the fragments of a recorded file, whatever a crash left of it, by reading the heads of its boxes
// alone. Sans-I/O: next() says which bytes are wanted, take() gets them; the caller owns file and scanner.
// One thread.
#pragma once

#include <optional>

#include "base/result.h"
#include "format/fmp4/moof_reader.h"
#include "format/fmp4/recorded.h"

namespace format::fmp4 {

// The largest boxes that are read. Those of others are passed over by their size, but not more of them in a
// row than max_skipped_boxes: small ones would make the reading slow.
inline constexpr std::uint64_t max_moov_size = 2 * 1024 * 1024;
inline constexpr std::uint64_t max_moof_size = 2 * 1024 * 1024;
inline constexpr std::size_t max_skipped_boxes = 64;

struct ByteRange {
    std::uint64_t offset = 0;
    std::size_t size = 0;
};

class FragmentScanner {
  public:
    explicit FragmentScanner(std::uint64_t file_size);

    // Bytes inside the file, at most max_moov_size or max_moof_size; nothing once all is known.
    std::optional<ByteRange> next() const { return wanted_; }
    // The bytes that next() named, or fewer, if there are no more: then that is where the file ends. Gives
    // the fragment that they complete.
    std::optional<RecordedFragment> take(base::ByteView bytes);

    // What follows holds once next() wants nothing more.

    // Empty when the file has no head that could be read; then there is nothing to save.
    const std::vector<RecordedTrack>& tracks() const { return recorded_tracks_; }
    // ftyp and moov: what a player gets before any fragment.
    std::uint64_t init_size() const { return init_size_; }
    // Behind the last complete fragment, or behind the head when there is none: cut here, and the file plays;
    // an index belongs here.
    std::uint64_t end() const { return end_; }
    // The file ends with an index (mfra): it was finished.
    bool has_index() const { return has_index_; }
    // Why reading ended before the file did. None when the file ends where a box does.
    const std::optional<base::Error>& problem() const { return problem_; }

  private:
    enum class State { header, moov, moof };

    struct Header {
        std::uint32_t type = 0;
        std::uint64_t size = 0;  // with the header
        std::uint64_t header_size = 0;
    };

    void want_header();
    void want_content(State state, const Header& header);
    std::optional<RecordedFragment> on_header(base::ByteView bytes);
    base::Result<Header> read_header(base::ByteView bytes) const;
    base::Result<> pass(const Header& header);
    base::Result<RecordedFragment> complete(const Header& mdat);
    void on_moov(base::ByteView content);
    void on_moof(base::ByteView content);
    void stop(base::Error error);

    std::uint64_t file_size_;
    std::optional<ByteRange> wanted_;
    State state_ = State::header;
    // Of the box that is looked at.
    std::uint64_t position_ = 0;
    std::uint64_t box_size_ = 0;

    std::vector<MovieTrack> tracks_;
    // A moof that waits for its mdat, and where it begins.
    std::optional<Moof> moof_;
    std::uint64_t moof_position_ = 0;
    std::size_t skipped_ = 0;

    std::vector<RecordedTrack> recorded_tracks_;
    std::uint64_t init_size_ = 0;
    std::uint64_t end_ = 0;
    bool has_index_ = false;
    std::optional<base::Error> problem_;
};

}  // namespace format::fmp4
