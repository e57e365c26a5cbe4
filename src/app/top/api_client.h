// A client of our own HTTP API, for the commands that speak to a running server (top, demo). One thread.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace app::top {

// How a command shows who it is: an API token, or an account whose access token is fetched anew when it
// expires.
struct Credentials {
    base::Secret token;
    std::string email;
    base::Secret password;
};

class ApiClient {
  public:
    // `server` is "http://localhost:8000".
    ApiClient(std::string server, Credentials credentials);
    ~ApiClient();

    // The answer's JSON. An answer that says no becomes an error with the server's own message.
    base::Result<boost::json::object> get(const std::string& path);
    base::Result<boost::json::object> post(const std::string& path, const boost::json::object& body);
    const std::string& server() const { return server_; }

  private:
    struct Curl;
    base::Result<boost::json::object> call(const std::string& path, const boost::json::object* body);
    base::Result<boost::json::object> perform(const std::string& path, const boost::json::object* body);
    base::Result<> login();

    std::string server_;
    Credentials credentials_;
    base::Secret bearer_;
    std::unique_ptr<Curl> curl_;
};

}  // namespace app::top
