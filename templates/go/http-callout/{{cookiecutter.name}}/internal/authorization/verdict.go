package authorization

import "strconv"

// Verdict is what the service says of a request.
type Verdict int

// What it may say; Failed is anything that could not be understood, and nothing at all.
const (
	Failed Verdict = iota
	Allowed
	Denied
)

// Answer is what came of a question.
type Answer struct {
	Verdict   Verdict
	Status    uint32 // 0: there was none
	User      string
	Challenge string
}

// Judge reads the headers of an answer; none where there was no answer.
func Judge(headers [][2]string) (answer Answer) {
	for _, header := range headers {
		switch header[0] {
		case ":status":
			answer.Status = parseStatus(header[1])
		case "x-auth-user":
			answer.User = header[1]
		case "www-authenticate":
			answer.Challenge = header[1]
		}
	}
	switch {
	case answer.Status == 200:
		answer.Verdict = Allowed
	case answer.Status >= 400 && answer.Status < 500:
		answer.Verdict = Denied
	}
	return answer
}

func parseStatus(text string) uint32 {
	status, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(status)
}
