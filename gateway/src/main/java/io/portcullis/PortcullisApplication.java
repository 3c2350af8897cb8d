package io.portcullis;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The gateway process. */
@SpringBootApplication
public class PortcullisApplication {
    public static void main(String[] args) {
        SpringApplication.run(PortcullisApplication.class, args);
    }
}
