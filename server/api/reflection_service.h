#pragma once

#include <string>
#include <vector>

#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "server/access/door.h"
#include "server/api/method.h"
#include "server/metrics/metrics.h"

namespace adieu::api {

// Tells clients the schema of these services. For viewers, as all that is read: gRPC's own service cannot ask
// who comes, and holds a thread for each stream. Owned by Server; door and metrics must outlive it.
class ReflectionService : public grpc::reflection::v1alpha::ServerReflection::CallbackService {
 public:
  // `services`: their names with the package. They are linked in.
  ReflectionService(std::vector<std::string> services, access::Door* door, metrics::Metrics* metrics);

  grpc::ServerBidiReactor<grpc::reflection::v1alpha::ServerReflectionRequest,
                          grpc::reflection::v1alpha::ServerReflectionResponse>*
  ServerReflectionInfo(grpc::CallbackServerContext* context) override;

 private:
  std::vector<std::string> services_;
  access::Door* const door_;
  metrics::Metrics* const metrics_;
  Method method_;
};

}  // namespace adieu::api
