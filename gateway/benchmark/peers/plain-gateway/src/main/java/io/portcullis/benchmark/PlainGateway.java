package io.portcullis.benchmark;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Spring Cloud Gateway as it comes: forwards everything to {@code BACKEND_URI}, with no filter of ours. */
@SpringBootApplication
public class PlainGateway {
    public static void main(String[] arguments) {
        SpringApplication.run(PlainGateway.class, arguments);
    }
}
