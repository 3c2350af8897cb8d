package io.portcullis;

import io.portcullis.edge.BodyWindow;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.data.redis.autoconfigure.observation.LettuceObservationAutoConfiguration;

/**
 * The gateway process, or a command: one makes keys, one checks the configuration. Without Lettuce's own observations, which cost
 * a tenth of what a refresh does with Redis: it is timed as a whole, and a trace has a span of its own for each call of the store.
 */
@SpringBootApplication(exclude = LettuceObservationAutoConfiguration.class)
public class PortcullisApplication {
    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals(KeysCommand.NAME)) {
            int status = KeysCommand.run(args, System.out, System.err);
            if (status != 0) {
                System.exit(status);
            }
            return;
        }
        if (CheckConfigCommand.isNamedIn(args)) {
            // threads that nothing was given to do would keep the process
            System.exit(CheckConfigCommand.run(args, System.out));
        }
        BodyWindow.limitPiecesWrittenAhead();
        SpringApplication.run(PortcullisApplication.class, args);
    }
}
