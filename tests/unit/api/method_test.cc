#include "server/api/method.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <string>

#include "adieu/v1/call_control_service.grpc.pb.h"
#include "adieu/v1/cancel_policy_service.grpc.pb.h"

namespace adieu::api {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::ServiceDescriptor;

TEST(FindMethod, EveryMethodHasARoleAndNoOtherCanBeCalled) {
  metrics::Metrics metrics("test");
  int count = 0;
  for (const char* name :
       {v1::CallControlService::service_full_name(), v1::CancelPolicyService::service_full_name()}) {
    const ServiceDescriptor* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    ASSERT_NE(service, nullptr);
    for (int i = 0; i < service->method_count(); ++i, ++count) {
      const Method method = FindMethod(name, service->method(i)->name(), &metrics);
      EXPECT_NE(method.least_role, v1::ROLE_UNSPECIFIED) << method.name;
      EXPECT_EQ(method.changes, method.least_role != v1::ROLE_VIEWER) << method.name;
    }
    EXPECT_EQ(FindMethod(name, "Nothing", &metrics).least_role, v1::ROLE_UNSPECIFIED);
  }
  EXPECT_GE(count, 12);
  const std::string text = metrics.Text();
  EXPECT_NE(text.find("grpc_method=\"WatchCalls\",grpc_service=\"adieu.v1.CallControlService\","
                      "grpc_type=\"server_stream\""),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace adieu::api
