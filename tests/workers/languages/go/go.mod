module cirque.example/worker

go 1.24
