// RecordingPictures: pictures of streams, as recordings ask for them. Owned by Server, outlived by the
// engine; any thread.
#pragma once

#include "service/poster_maker.h"
#include "transcode/live_thumbnails.h"

namespace app {

class RecordingPictures final : public service::PosterMaker {
  public:
    explicit RecordingPictures(transcode::LiveThumbnails& thumbnails) : thumbnails_(thumbnails) {}

    void make(const std::string& stream_id, Done done) override {
        thumbnails_.make(stream_id, [done = std::move(done)](base::Result<transcode::Thumbnail> made) {
            if (!made) return done(base::fail(std::move(made.error())));
            done(*made->jpeg);
        });
    }
    void set_recording(const std::string& stream_id, bool recording) override {
        thumbnails_.set_recording(stream_id, recording);
    }

  private:
    transcode::LiveThumbnails& thumbnails_;
};

}  // namespace app
